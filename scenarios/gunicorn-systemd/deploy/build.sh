#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
release v2
/usr/bin/python3 -m compileall -q "$ROOT/releases/v2"
(cd "$ROOT/releases/v2" && /usr/bin/python3 -c 'import shop')
note "built v2"
