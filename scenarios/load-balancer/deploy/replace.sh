#!/usr/bin/env bash
# Usage: replace.sh TARGET RELEASE
. "$(dirname "$0")/common.sh"
target=$1 release=$2
case $BREAK in
  # The balancer is told nothing: it learns of the stop by its health checks, and sends requests there until then.
  stop-first) ;;
  # What the target is still answering is cut.
  delay-0) balancer deregister "$target" 0 ;;
  *) balancer deregister "$target" "$DEREGISTRATION_DELAY" ;;
esac
stop "$target"
start_target "$target" "$release"
balancer register "$target"
case $BREAK in
  # The target says that it is healthy; for the balancer it is so many checks later. The next one goes out meanwhile.
  health-threshold) ;;
  *) balancer in-service "$target" ;;
esac
