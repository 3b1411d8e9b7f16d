#!/usr/bin/env bash
# switch.sh VERSION: starts it where the traffic is not, moves the traffic there, and stops the one before.
. "$(dirname "$0")/common.sh"
old=$(live) new=$(idle)
start_app "$1" "$new"
give_traffic_to "$new"
stop "app-$old"
