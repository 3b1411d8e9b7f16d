#!/usr/bin/env bash
# Usage: rollback.sh RELEASE: server by server, as on the way there.
deploy=$(dirname "$0")
"$deploy/release.sh" a "$1"
"$deploy/release.sh" b "$1"
