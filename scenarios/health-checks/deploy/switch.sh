#!/usr/bin/env bash
# Usage: switch.sh TO FROM: users go to the one colour, and the other finishes what it was answering.
. "$(dirname "$0")/common.sh"
runtime ready "shop/$1-1" "shop/$1-2"
runtime drain "shop/$2-1" "shop/$2-2" --within 20s
