#!/usr/bin/env bash
# Usage: roll.sh INSTANCE RELEASE: replaces one instance while the others serve.
. "$(dirname "$0")/common.sh"
instance=$1 release=$2
case $BREAK in
  all-at-once)
    # Each instance is replaced as it should be, and all of them in the same moment.
    [ "$instance" = a ] || exit 0
    for each in a b c; do stop "$each"; done
    for each in a b c; do start_shop "$each" "$release"; done
    for each in a b c; do is_ready "$each" "$release"; done
    ;;
  # nginx goes on sending to it while it shuts down.
  still-in-upstream | max-fails)
    stop "$instance"
    start_shop "$instance" "$release"
    is_ready "$instance" "$release"
    ;;
  *)
    take_out "$instance"
    # No new request comes; those it has are waited for, the longest takes 2 s.
    [ "$BREAK" = exit-0 ] || sleep 2.2
    stop "$instance"
    start_shop "$instance" "$release"
    case $BREAK in
      # It is asked whether it is alive, and not whether it can answer.
      no-readiness) wait_for_http "http://127.0.0.1:$(port_of "$instance")/livez" 15 ;;
      *) is_ready "$instance" "$release" ;;
    esac
    put_in "$instance"
    ;;
esac
