#!/usr/bin/env bash
# The instance that gets no traffic any more is stopped, once the longest request it had can be over.
. "$(dirname "$0")/common.sh"
old=$(idle)
case $BREAK in
  single-upstream) exit 0 ;;
  # It is still answering what it was sent before the switch.
  stop-before-drain | non-idempotent) stop "$old" ;;
  # `lsof -i :PORT` lists clients of the port as well: the workers of nginx that are still waiting for its answers.
  lsof-kill)
    need lsof tools
    lsof -ti ":$(port_of "$old")" | tee -a "$ROOT/log/killed.log" | xargs kill
    gone_within 10 "$(pid_of "$old")" || fail "$old does not end"
    ;;
  *)
    sleep 3
    stop "$old"
    ;;
esac
