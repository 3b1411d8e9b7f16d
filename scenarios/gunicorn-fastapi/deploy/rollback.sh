#!/usr/bin/env bash
# The link back, and HUP: nothing is built.
. "$(dirname "$0")/common.sh"
point_to v1
reload_app
