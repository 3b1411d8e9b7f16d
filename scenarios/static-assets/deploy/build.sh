#!/usr/bin/env bash
# Usage: build.sh VERSION
. "$(dirname "$0")/common.sh"
build "$1"
