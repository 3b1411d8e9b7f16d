#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
case $BREAK in
  none) ;;
  # A change that clients of v1 do not survive.
  *) cp "$SCENARIO/app/breaks/$BREAK.mjs" "$ROOT/app/v2/routes.mjs" ;;
esac
release "$1" "$ROOT/app"
