#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
source=$(mktemp -d "$ROOT/source-XXXXXX")
cp -R "$SCENARIO/app/." "$source"
# What this release of the shop changes in the schema beside the new column: breaks/ says which mistake each one is.
[ "$BREAK" = none ] || cp -R "$SCENARIO/breaks/$BREAK/." "$source/v2"
release v2 "$source"
"$PYTHON" -m compileall -q "$ROOT/releases/v2"
(cd "$ROOT/releases/v2" && "$PYTHON" manage.py check && "$PYTHON" manage.py makemigrations --check --dry-run)
note "built v2"
