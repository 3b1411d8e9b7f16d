#!/usr/bin/env bash
# Usage: switch.sh VERSION, forward or back. Nothing is built, nothing reloaded.
. "$(dirname "$0")/common.sh"
point_to "$1"
