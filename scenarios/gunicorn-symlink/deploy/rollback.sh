#!/usr/bin/env bash
# The link back, and HUP. Nothing is built, and the schema stays expanded: both releases run on it.
. "$(dirname "$0")/common.sh"
note "rollback begins"
case $BREAK in
  in-place) copy_in_place v1 ;; # there is no release to go back to
  removed-release) # nobody looks whether the release is still there
    ln -s releases/v1 "$ROOT/.current" && mv -T "$ROOT/.current" "$ROOT/current"
    ;;
  rebuild-rollback) # old releases are not kept: v1 is made again, from its source and its dependencies on
    rm -r "$ROOT/releases/v1"
    release v1
    sleep 14 # what `pip install -r requirements.txt` takes where there is a package index
    "$PYTHON" -m compileall -q "$ROOT/releases/v1"
    point_to v1
    note "built v1 again"
    ;;
  *) point_to v1 ;;
esac
move_workers v1
note "rollback done"
