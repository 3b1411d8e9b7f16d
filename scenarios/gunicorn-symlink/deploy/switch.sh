#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
case $BREAK in
  in-place) copy_in_place v2 ;;
  live-link) # the link is taken away first, and made anew when the release is quite ready
    rm "$ROOT/current"
    "$PYTHON" -m compileall -qf "$ROOT/releases/v2"
    ln -s releases/v2 "$ROOT/current"
    note "current -> v2"
    ;;
  *)
    point_to v2
    note "current -> v2"
    ;;
esac
