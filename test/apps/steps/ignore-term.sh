#!/usr/bin/env bash
# Neither SIGTERM nor SIGINT nor SIGHUP ends it.
trap '' TERM INT HUP
echo 'still here'
while :; do sleep 0.1; done
