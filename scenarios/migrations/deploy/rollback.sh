#!/usr/bin/env bash
# The link back, and HUP. Nothing is built, and the schema stays expanded: both releases run on it.
. "$(dirname "$0")/common.sh"
note "rollback begins"
point_to v1
reload_app
