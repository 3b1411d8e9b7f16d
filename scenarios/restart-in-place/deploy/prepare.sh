#!/usr/bin/env bash
# v1 serves.
. "$(dirname "$0")/common.sh"
need node nodejs
need curl tools
prepare_root
release v1
point_to v1
start_app
