#!/usr/bin/env bash
# Usage: start.sh RELEASE: in the place that gets no traffic, unless it runs already (where a release failed half-way).
. "$(dirname "$0")/common.sh"
answers "$(live)" "$1" || answers "$(idle)" "$1" || start_service "$(idle)" "$1"
