. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/proxy.sh"
. "$SHARED/redis.sh"
one_of "$BREAK" none old-worker kill-worker

# build VERSION: the release and the packages it runs on, which are installed once.
build() {
  [ -d "$SCENARIO/node_modules" ] || (cd "$SCENARIO" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
  [ -e "$ROOT/releases/node_modules" ] || ln -s "$SCENARIO/node_modules" "$ROOT/releases/node_modules"
  release "$1"
}

# start_web VERSION PLACE
start_web() {
  LISTEN=$(port_of "$2") start "web-$2" node "$ROOT/releases/$1/api.mjs"
  wait_for_http "http://127.0.0.1:$(port_of "$2")/healthz" 15 "$1"
}

# start_workers VERSION: one that takes four jobs at once, and waits until it is ready.
start_workers() {
  local end=$((SECONDS + 15)) ready
  ready=$(grep -cs '"ready"' "$ROOT/log/worker-$1.log" || true)
  start "worker-$1" node "$ROOT/releases/$1/worker.mjs"
  until [ "$(grep -c '"ready"' "$ROOT/log/worker-$1.log")" -gt "${ready:-0}" ]; do
    [ $SECONDS -lt $end ] || fail "worker-$1 is not ready: $(tail -n 3 "$ROOT/log/worker-$1.log")"
    sleep 0.1
  done
}

# stop_workers VERSION: takes no other job, finishes those it has, and ends.
stop_workers() {
  # Killed with jobs in hand: their locks run out after 1.5 s, and another worker does them again.
  if [ "$BREAK" = kill-worker ]; then stop "worker-$1" KILL; else stop "worker-$1" TERM 20; fi
}

# drained: no job waits; those that were taken are in the hands of workers that can do them.
drained() {
  local end=$((SECONDS + 15))
  until [ "$(redis llen bull:receipts:wait)" = 0 ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
