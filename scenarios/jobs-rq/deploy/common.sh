. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/proxy.sh"
. "$SHARED/redis.sh"
one_of "$BREAK" none old-worker kill-worker

# start_web VERSION PLACE
start_web() {
  start "web-$2" /usr/bin/python3 -m gunicorn --chdir "$ROOT/releases/$1" --bind "127.0.0.1:$(port_of "$2")" \
    --workers 3 --graceful-timeout 10 --log-level warning api:app
  wait_for_http "http://127.0.0.1:$(port_of "$2")/healthz" 15 "$1"
}

# start_workers VERSION: two, and waits until they listen to the queue.
start_workers() {
  local each end
  for each in 1 2; do
    (cd "$ROOT/releases/$1" && PYTHONPATH=. start "worker-$1-$each" /usr/bin/python3 -m rq.cli worker --url "$REDIS_URL" receipts)
  done
  end=$((SECONDS + 15))
  for each in 1 2; do
    until grep -q 'Listening on' "$ROOT/log/worker-$1-$each.log"; do
      [ $SECONDS -lt $end ] || fail "worker-$1-$each does not listen: $(tail -n 3 "$ROOT/log/worker-$1-$each.log")"
      sleep 0.1
    done
  done
}

# stop_workers VERSION: each finishes the job it has, and takes no other.
stop_workers() {
  local each pid
  for each in 1 2; do
    if [ "$BREAK" = kill-worker ]; then
      # The mistake of kill-worker: the worker and the job it has are killed, as a service manager does whose patience
      # is shorter than the job. RQ gives the job to nobody else.
      pid=$(pid_of "worker-$1-$each")
      kill -s KILL "$pid" $(pgrep -P "$pid" || true)
      rm "$ROOT/run/worker-$1-$each.pid"
    else
      stop "worker-$1-$each" TERM 20
    fi
  done
}

# drained: no job waits; those that were taken are in the hands of workers that can do them.
drained() {
  local end=$((SECONDS + 15))
  until [ "$(redis llen rq:queue:receipts)" = 0 ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
