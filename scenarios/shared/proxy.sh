# HAProxy in front of two places for the app: blue on PORT+1, green on PORT+2. One of them gets the traffic; a release
# is started in the other, checked, and given the traffic over the runtime API. Source lib.sh first.
need haproxy haproxy

PROXY_SOCKET=$ROOT/run/haproxy.sock
BLUE_PORT=$((PORT + 1))
GREEN_PORT=$((PORT + 2))

# start_proxy [CHECK_PATH]: with blue getting the traffic. `SERVER_OPTIONS` are added to each server line.
start_proxy() {
  write "$ROOT/haproxy.cfg" <<CFG
global
  stats socket $PROXY_SOCKET mode 600 level admin
  log stdout format raw local0
defaults
  mode http
  log global
  log-format "%ST %b/%s %tsc %HM %HU %Ta"
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 2s
  option httpchk GET ${1:-/healthz}
frontend web
  bind 127.0.0.1:$PORT
  default_backend app
backend app
  server blue 127.0.0.1:$BLUE_PORT check inter 200ms fall 5 ${SERVER_OPTIONS:-}
  server green 127.0.0.1:$GREEN_PORT check inter 200ms fall 5 disabled ${SERVER_OPTIONS:-}
CFG
  haproxy -c -q -f "$ROOT/haproxy.cfg"
  start haproxy haproxy -W -f "$ROOT/haproxy.cfg"
  printf 'blue\n' >"$ROOT/run/live"
}

# runtime COMMAND: what HAProxy answers.
runtime() {
  node -e '
    const socket = require("node:net").connect(process.argv[1]);
    socket.on("error", (error) => { console.error(`error: ${error.message}`); process.exit(1); });
    socket.on("data", (data) => process.stdout.write(data));
    socket.write(`${process.argv[2]}\n`);' "$PROXY_SOCKET" "$1"
}

# field SERVER NUMBER: a column of `show stat` (18: status, 5: current sessions).
field() { runtime 'show stat' | awk -F, -v server="$1" -v column="$2" '$1 == "app" && $2 == server { print $column }'; }

live() { cat "$ROOT/run/live"; }
idle() { [ "$(live)" = blue ] && echo green || echo blue; }
port_of() { [ "$1" = blue ] && echo "$BLUE_PORT" || echo "$GREEN_PORT"; }

# give_traffic_to SERVER: it must be up first; the other one gets no new request and is waited for until it has none left.
give_traffic_to() {
  local other end
  other=$([ "$1" = blue ] && echo green || echo blue)
  runtime "set server app/$1 state ready" >/dev/null
  end=$((SECONDS + 15))
  until [ "$(field "$1" 18)" = UP ]; do
    [ $SECONDS -lt $end ] || fail "$1 does not come up: $(field "$1" 18)"
    sleep 0.1
  done
  runtime "set server app/$other state drain" >/dev/null
  printf '%s\n' "$1" >"$ROOT/run/live"
  end=$((SECONDS + 15))
  until [ "$(field "$other" 5)" = 0 ]; do
    [ $SECONDS -lt $end ] || fail "$other still has $(field "$other" 5) requests after 15 s"
    sleep 0.1
  done
  runtime "set server app/$other state maint" >/dev/null
  say "$1 has the traffic"
}
