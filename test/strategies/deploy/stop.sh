#!/usr/bin/env bash
# What runs in the place $SERVER, if anything.
. "$(dirname "$0")/common.sh"
stop "$SERVER"
