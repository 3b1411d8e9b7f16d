#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
reload_app
