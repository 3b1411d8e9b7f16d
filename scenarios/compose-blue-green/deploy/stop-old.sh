#!/usr/bin/env bash
# The service that gets no traffic any more is told to end, and killed after its grace period.
. "$(dirname "$0")/common.sh"
if [ "$BREAK" = force-recreate ]; then exit 0; fi
old=$(idle)
sleep 1 # what nginx had accepted before the switch has reached it
compose --profile "$old" stop "$old"
