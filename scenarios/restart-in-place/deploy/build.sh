#!/usr/bin/env bash
# Usage: build.sh VERSION
. "$(dirname "$0")/common.sh"
release "$1"
node --check "$ROOT/releases/$1/server.mjs"
