#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
release "$1" "$SHARED/app"
case $BREAK in
  bad-canary | promoted-by-clock)
    printf '{ "version": "%s", "failShare": 0.3 }\n' "$1" | write "$ROOT/releases/$1/release.json"
    ;;
  slow-canary) cp "$SCENARIO/app/breaks/slow.mjs" "$ROOT/releases/$1/routes.mjs" ;;
  crashing-canary) cp "$SCENARIO/app/breaks/crashing.mjs" "$ROOT/releases/$1/routes.mjs" ;;
esac
