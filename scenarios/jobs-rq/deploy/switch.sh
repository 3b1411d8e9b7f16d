#!/usr/bin/env bash
# switch.sh VERSION: starts the web app where the traffic is not, moves the traffic there, and stops the one before.
. "$(dirname "$0")/common.sh"
old=$(live) new=$(idle)
start_web "$1" "$new"
give_traffic_to "$new"
stop "web-$old"
