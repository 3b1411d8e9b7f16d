#!/usr/bin/env bash
# The link back, and HUP. Nothing is built or migrated: the schema stays as v2 needs it.
. "$(dirname "$0")/common.sh"
point_to v1
reload_app
