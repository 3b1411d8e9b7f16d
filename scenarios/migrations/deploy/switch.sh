#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
point_to v2
