# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/nginx.sh"
: "${BREAK:=none}"
one_of "$BREAK" none bad-canary dead-canary
STABLE_PORT=$((PORT + 1))
CANARY_PORT=$((PORT + 2))

# start_shop NAME PORT RELEASE: until it says of itself that it is healthy.
start_shop() {
  start "$1" env LISTEN="$2" ORDERS="$ROOT/shared/orders.jsonl" node "$ROOT/releases/$3/server.mjs"
  wait_for_http "http://127.0.0.1:$2/healthz" 15 "\"version\":\"$3\""
}

# split PERCENT: the share of requests that the canary gets. By request, so that every share is met at this rate; for real
# users write "$remote_addr$http_user_agent" or a cookie in place of $request_id, so that each one stays on one release.
split() {
  local lines='* stable;'
  case $1 in
    0) ;;
    100) lines='* canary;' ;;
    *) lines="$1% canary; * stable;" ;;
  esac
  write "$ROOT/nginx/split.conf" <<CONF
split_clients "\$request_id" \$shop { $lines }
map \$shop \$release { stable v1; canary $RELEASE; }
CONF
}
