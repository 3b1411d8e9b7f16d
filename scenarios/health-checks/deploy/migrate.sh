#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
case $BREAK in
  # v2 comes without its column: the process starts, and its catalogue cannot be read.
  shallow | bad-release-refused) say "the migration was forgotten" ;;
  *) psql -qX -v ON_ERROR_STOP=1 -f "$SCENARIO/db/expand.sql" >/dev/null ;;
esac
