#!/usr/bin/env bash
# Usage: rollback.sh RELEASE: target by target, as on the way there.
deploy=$(dirname "$0")
"$deploy/replace.sh" one "$1"
"$deploy/replace.sh" two "$1"
