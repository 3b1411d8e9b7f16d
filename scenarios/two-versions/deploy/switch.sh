#!/usr/bin/env bash
# switch.sh VERSION: starts it where the traffic is not, waits until it is healthy, moves the traffic, stops the old one.
. "$(dirname "$0")/common.sh"
old=$(live) new=$(idle)
start_app "$1" "$new"
wait_for_http "http://127.0.0.1:$(port_of "$new")/healthz" 15 "$1"
# Both serve for a while: what is in the caches of the new one grows, and the old one is there to go back to.
sleep 3
give_traffic_to "$new"
stop "app-$old"
