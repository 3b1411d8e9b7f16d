. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/proxy.sh"
one_of "$BREAK" none connections memory

# Each release: 3 workers with up to 4 connections. Both need 24, and 3 are kept for the superuser.
# The mistake of connections: the limit was set for one release, 12 and some to spare.
[ "$BREAK" = connections ] && PG_MAX_CONNECTIONS=20 || PG_MAX_CONNECTIONS=30
export PG_MAX_CONNECTIONS

# Memory that both releases share, in MiB, where it is limited.
MEMORY_MIB=450
CGROUP=/sys/fs/cgroup/memory/zdd-two-versions-$PORT
[ ! -e /sys/fs/cgroup/cgroup.controllers ] || CGROUP=/sys/fs/cgroup/zdd-two-versions-$PORT

limit_memory() {
  mkdir "$CGROUP" 2>/dev/null || fail "memory needs root and a control group for memory: $CGROUP cannot be made"
  if [ -e "$CGROUP/memory.max" ]; then
    printf '%sM' "$MEMORY_MIB" >"$CGROUP/memory.max"
    printf 0 >"$CGROUP/memory.swap.max" 2>/dev/null || true
  else
    printf '%sM' "$MEMORY_MIB" >"$CGROUP/memory.limit_in_bytes"
  fi
}

# start_app VERSION PLACE
start_app() {
  local run=(/usr/bin/python3 -m gunicorn --chdir "$ROOT/releases/$1" --bind "127.0.0.1:$(port_of "$2")" --workers 3
    --worker-class gthread --threads 4 --keep-alive 75 --graceful-timeout 10 --log-level info app:app) cache=10 pool=1
  # v2 opens its whole pool at the start.
  [ "$1" = v1 ] || pool=4
  # The mistake of memory: each worker keeps 90 MiB. One release fits into the limit, two do not.
  [ "$BREAK" != memory ] || cache=90
  if [ -d "$CGROUP" ]; then run=(sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$CGROUP" "${run[@]}"); fi
  PGUSER=shop POOL_MIN=$pool CACHE_MIB=$cache start "app-$2" "${run[@]}"
}
