#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
breaks=$SCENARIO/app/breaks
case $BREAK in
  # The feature has a fault. Only the flag keeps it from users.
  enabled-with-deploy | broken-feature) cp "$breaks/discounts.mjs" "$ROOT/app/v2" ;;
  no-kill-switch) cp "$breaks/discounts.mjs" "$breaks/flags.mjs" "$ROOT/app/v2" ;;
  one-way) cp "$breaks/one-way.mjs" "$ROOT/app/v2/routes.mjs" ;;
esac
release "$1" "$ROOT/app"
