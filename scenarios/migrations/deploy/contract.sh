#!/usr/bin/env bash
# After the switch: no running code reads the old column any more, but the release one would go back to does.
. "$(dirname "$0")/common.sh"
case $BREAK in
  contract-rollback) migrate drop-column ;;
  *) note "the old column stays until the next release" ;;
esac
