#!/usr/bin/env bash
# After the rollback, once v2 is gone: whoever wants the old schema back has it taken back here, and not before.
. "$(dirname "$0")/common.sh"
case $BREAK in
  migrate-down) migrate_down ;;
  *) note "the schema stays expanded" ;;
esac
