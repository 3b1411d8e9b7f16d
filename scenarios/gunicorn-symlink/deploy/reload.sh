#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
move_workers v2
