#!/usr/bin/env bash
# The release before gets the traffic again. Where it still has it, the new one is just stopped.
. "$(dirname "$0")/common.sh"
if [ "$(live)" = blue ]; then
  stop app-green
else
  "$SCENARIO/deploy/switch.sh" v1
fi
