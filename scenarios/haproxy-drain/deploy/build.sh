#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
release "$1" "$SHARED/app"
# A release that does not even start.
[ "$BREAK" != bad-release ] ||
  printf '{ "version": "%s", "broken": "crash-at-start" }\n' "$1" | write "$ROOT/releases/$1/release.json"
