#!/usr/bin/env bash
# The old instance tells its clients to go, finishes what it began, and ends.
. "$(dirname "$0")/common.sh"
stop "$(idle)" TERM 20
