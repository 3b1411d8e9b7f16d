#!/usr/bin/env bash
# Usage: rollback.sh RELEASE: the old release in the idle instance, and the traffic there. stop-old.sh comes after it.
deploy=$(dirname "$0")
"$deploy/start.sh" "$1"
"$deploy/switch.sh" "$1"
