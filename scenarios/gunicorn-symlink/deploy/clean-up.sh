#!/usr/bin/env bash
# After the release: what is no longer needed. The last releases stay, for the way back.
. "$(dirname "$0")/common.sh"
case $BREAK in
  removed-release) # only what is live stays: there is no way back
    find "$ROOT/releases" -mindepth 1 -maxdepth 1 ! -name "$(basename "$(readlink "$ROOT/current")")" -exec rm -r {} +
    note "removed all releases but the live one"
    ;;
  contract-rollback) # no running code reads the column any more, but the release one would go back to does
    migrate_to 0003
    ;;
  *) (cd "$ROOT/releases" && ls -t | tail -n +4 | xargs -r rm -r) ;;
esac
