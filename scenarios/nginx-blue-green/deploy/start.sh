#!/usr/bin/env bash
# Usage: start.sh RELEASE: in the instance that gets no traffic; done when it is healthy.
. "$(dirname "$0")/common.sh"
instance=$(idle)
case $BREAK in
  # There is no second instance: the one behind nginx is replaced, in switch.sh.
  single-upstream) exit 0 ;;
  # The release that is started is written down somewhere else, and nobody changed it there.
  no-op) start_shop "$instance" v1 ;;
  # Nobody asks whether it listens.
  switch-before-ready) start_shop "$instance" "$1" ;;
  *)
    is_running "$instance" || start_shop "$instance" "$1" # after a failed release the old one still runs
    is_ready "$instance" "$1"
    ;;
esac
