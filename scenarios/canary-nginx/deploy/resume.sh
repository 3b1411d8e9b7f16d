#!/usr/bin/env bash
# No further reload: connections of clients are kept again.
. "$(dirname "$0")/common.sh"
resume_keepalive
