#!/usr/bin/env bash
# Usage: flag.sh NAME on|off
. "$(dirname "$0")/common.sh"
flag "$1" "$2"
