#!/usr/bin/env bash
# The link back, and the reload. nginx' new headers suit v1 as well, and stay.
. "$(dirname "$0")/common.sh"
point_to v1
"$SCENARIO/deploy/reload-app.sh"
