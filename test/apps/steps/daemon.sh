#!/usr/bin/env bash
# Leaves a daemon behind that keeps its output open, as deploys do; writes its process id to $PIDFILE.
sleep 300 &
echo $! >"$PIDFILE"
echo 'daemon started'
