#!/usr/bin/env bash
# Ends everything that runs out of ROOT, however far the start came.
. "$(dirname "$0")/common.sh"
stop_all
say "nothing is left running"
