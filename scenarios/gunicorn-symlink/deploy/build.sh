#!/usr/bin/env bash
# Everything that can go wrong with a release goes wrong here, beside the live one.
. "$(dirname "$0")/common.sh"

while read -r name; do
  grep -q "^$name=." "$SETTINGS" || fail "v2 needs $name, and $SETTINGS does not have it"
done <"$SCENARIO/app/v2/required-settings"

release v2
case $BREAK in
  import-error) # a file that the packaging forgot, and nobody imports the release before it is live
    rm "$ROOT/releases/v2/receipts.py"
    "$PYTHON" -m compileall -q "$ROOT/releases/v2"
    ;;
  *)
    "$PYTHON" -m compileall -q "$ROOT/releases/v2"
    (cd "$ROOT/releases/v2" && "$PYTHON" -c 'import shop')
    ;;
esac
note "built v2"
