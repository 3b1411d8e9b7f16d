#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
stop_all
