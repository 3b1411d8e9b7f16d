# A Redis of the scenario's own on PORT+3, without persistence. Source lib.sh first.
need redis-server redis
export REDIS_PORT=$((PORT + 3)) REDIS_URL="redis://127.0.0.1:$((PORT + 3))/0"

redis() { redis-cli -p "$REDIS_PORT" --raw "$@"; }

start_redis() {
  start redis redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no --dir "$ROOT/run"
  local end=$((SECONDS + 10))
  until [ "$(redis ping 2>/dev/null)" = PONG ]; do
    [ $SECONDS -lt $end ] || fail "Redis did not start: $(tail -n 3 "$ROOT/log/redis.log")"
    sleep 0.05
  done
}
