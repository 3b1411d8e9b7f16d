#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
release "$1" "$SHARED/app"
# Its health check finds nothing wrong with either.
case $BREAK in
  bad-canary) printf '{ "version": "%s", "failShare": 0.3 }\n' "$1" | write "$ROOT/releases/$1/release.json" ;;
  dead-canary) printf '{ "version": "%s", "crashAfter": 25 }\n' "$1" | write "$ROOT/releases/$1/release.json" ;;
esac
