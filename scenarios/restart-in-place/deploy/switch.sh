#!/usr/bin/env bash
# Usage: switch.sh VERSION
. "$(dirname "$0")/common.sh"
point_to "$1"
