. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/proxy.sh"
. "$SHARED/redis.sh"
one_of "$BREAK" none old-worker kill-worker

# start_web VERSION PLACE
start_web() {
  PYTHONPATH=. start "web-$2" /usr/bin/python3 -m gunicorn --chdir "$ROOT/releases/$1" --bind "127.0.0.1:$(port_of "$2")" \
    --workers 3 --graceful-timeout 10 --log-level warning api:app
  wait_for_http "http://127.0.0.1:$(port_of "$2")/healthz" 15 "$1"
}

# start_workers VERSION: one with four processes, and waits until it is ready.
start_workers() {
  local end=$((SECONDS + 20)) ready
  ready=$(grep -cs ' ready\.$' "$ROOT/log/worker-$1.log" || true)
  (cd "$ROOT/releases/$1" && PYTHONPATH=. start "worker-$1" /usr/bin/python3 -m celery -A receipts worker \
    --hostname "$1@%h" --concurrency 4 --without-gossip --without-mingle --loglevel INFO)
  until [ "$(grep -c ' ready\.$' "$ROOT/log/worker-$1.log")" -gt "${ready:-0}" ]; do
    [ $SECONDS -lt $end ] || fail "worker-$1 is not ready: $(tail -n 3 "$ROOT/log/worker-$1.log")"
    sleep 0.1
  done
}

# stop_workers VERSION: takes no other job, finishes those it has, and ends.
stop_workers() {
  if [ "$BREAK" = kill-worker ]; then
    # The mistake of kill-worker: the worker and the jobs it has are killed. They were acknowledged when they were
    # taken (acks_late is off), and nobody gets them again.
    pkill -KILL -s "$(pid_of "worker-$1")"
    rm "$ROOT/run/worker-$1.pid"
    return
  fi
  # TERM alone closes the connection on which the worker just asked for a job: what Redis hands out in that moment is
  # gone from the queue and reaches nobody. So it stops asking first; the question under way takes at most a second.
  (cd "$ROOT/releases/$1" && PYTHONPATH=. /usr/bin/python3 -m celery -A receipts control cancel_consumer celery \
    --destination "$1@$(hostname)" --timeout 5)
  sleep 2
  stop "worker-$1" TERM 20
}

# drained: no job waits.
drained() {
  local end=$((SECONDS + 15))
  until [ "$(redis llen celery)" = 0 ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
