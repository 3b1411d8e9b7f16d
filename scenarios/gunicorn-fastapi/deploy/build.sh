#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
release v2
"$PYTHON" -m compileall -q "$ROOT/releases/v2"
(cd "$ROOT/releases/v2" && "$PYTHON" -c 'import main')
note "built v2"
