#!/usr/bin/env bash
# Usage: rollback.sh VERSION. Nothing is built.
. "$(dirname "$0")/common.sh"
point_to "$1"
replace_app
