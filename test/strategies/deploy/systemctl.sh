#!/usr/bin/env bash
# systemctl of the systemd that scenarios/gunicorn-systemd runs in a container: the leader's id is in run/leader.
exec nsenter -t "$(cat "$ROOT/run/leader")" -m -u -i -n -p -C systemctl "$@"
