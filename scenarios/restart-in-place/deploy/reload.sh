#!/usr/bin/env bash
# The running process is replaced by one of the release that `current` points to.
. "$(dirname "$0")/common.sh"
replace_app
