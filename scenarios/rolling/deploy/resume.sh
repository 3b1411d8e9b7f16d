#!/usr/bin/env bash
# The roll is over: connections of clients are kept again.
. "$(dirname "$0")/common.sh"
resume_keepalive
