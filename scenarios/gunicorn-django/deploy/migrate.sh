#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
migrate v2
