#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
end_machine
stop_all
