#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
if [ -d "$CGROUP" ]; then
  cat "$CGROUP"/memory.oom_control "$CGROUP"/memory.events >"$ROOT/log/memory.log" 2>/dev/null || true
fi
stop_all
[ ! -d "$CGROUP" ] || rmdir "$CGROUP"
