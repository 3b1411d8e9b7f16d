# Sourced by every step: the two instances, how they are built, started and stopped in each framework.
# shellcheck shell=bash
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
one_of "${BREAK:=none}" none exit-at-once forced-kill cut-keep-alive npm-start in-rotation

case $APP:$BREAK in
  express:* | go:none | go:exit-at-once | go:forced-kill | go:cut-keep-alive | go:in-rotation) ;;
  uvicorn:none | uvicorn:exit-at-once | uvicorn:forced-kill | uvicorn:in-rotation) ;;
  flask:none | flask:exit-at-once | flask:forced-kill | flask:in-rotation) ;;
  express:* | go:* | uvicorn:* | flask:*) fail "BREAK=$BREAK is a mistake that $APP gives no room for" ;;
  *) fail "APP=$APP: expected one of express uvicorn go flask" ;;
esac

check_tools() {
  need curl tools
  case $APP in
    express) need npm npm ;;
    go) need go go ;;
    uvicorn) /usr/bin/python3 -c 'import uvicorn, fastapi' 2>/dev/null ||
      fail 'FastAPI is not installed. On Debian or Ubuntu: scripts/install-systems --only fastapi' ;;
    flask) /usr/bin/python3 -c 'import gunicorn, flask' 2>/dev/null ||
      fail 'Flask is not installed. On Debian or Ubuntu: scripts/install-systems --only gunicorn' ;;
  esac
}

# build RELEASE
build() {
  local source=$SCENARIO/app/$APP
  if [ "$APP" = go ]; then
    source=$ROOT/build-$1
    mkdir "$source"
    (cd "$SCENARIO/app/go" && GOPROXY=off GOFLAGS=-mod=mod GOCACHE=$ROOT/cache/go GOPATH=$ROOT/cache/gopath CGO_ENABLED=0 \
      go build -buildvcs=false -ldflags "-X main.version=$1" -o "$source/server" .)
  fi
  release "$1" "$source"
}

# start_instance a|b RELEASE: until it says of itself that it is healthy.
start_instance() {
  local dir=$ROOT/releases/$2 port shutdown=drain command
  port=$((PORT + $(number_of "$1")))
  case $BREAK in exit-at-once) shutdown=exit ;; cut-keep-alive) shutdown=cut ;; esac
  case $APP:$BREAK in
    # The mistake of BREAK=npm-start: npm is the first process. It hands SIGTERM to the shell in between and ends with it;
    # node never hears of it, and dies with what is left.
    express:npm-start) command=(npm --prefix "$dir" --loglevel=error start) ;;
    express:*) command=(node "$dir/server.mjs") ;;
    go:*) command=("$dir/server") ;;
    uvicorn:*) command=(/usr/bin/python3 -m uvicorn --app-dir "$dir" main:app --host 127.0.0.1 --port "$port"
      --no-access-log --header "x-release:$2") ;;
    flask:*) command=(/usr/bin/python3 -m gunicorn --chdir "$dir" --bind "127.0.0.1:$port" --worker-class gthread
      --threads 40 --keep-alive 65 --graceful-timeout 30 main:app) ;;
  esac
  LISTEN=$port SHUTDOWN=$shutdown PYTHONDONTWRITEBYTECODE=1 start "app-$1" "${command[@]}"
  wait_for_http "http://127.0.0.1:$port/healthz" 15 "$2"
  alive "$(pid_of "app-$1")" || fail "app-$1 ended, and something else answers on $port"
}

now_ms() { date +%s%3N; }

# stop_instance a|b: SIGTERM to its first process, and time to finish. Once that process is gone, all that is left of the
# instance is killed, as container runtimes and systemd (KillMode=mixed) do.
stop_instance() {
  local pid grace_ms=20000 began how=ended
  pid=$(cat "$ROOT/run/app-$1.pid" 2>/dev/null) || return 0
  say "app-$1: SIGTERM with $(runtime sessions "shop/$1") requests under way" | tee -a "$ROOT/log/deploy.log"
  # The mistake of BREAK=forced-kill: a grace period of 0.2 s, where a request takes up to 3 s.
  case $BREAK in forced-kill) grace_ms=200 ;; esac
  began=$(now_ms)
  kill -s TERM "$pid" || true
  while alive "$pid"; do
    if [ $(($(now_ms) - began)) -ge $grace_ms ]; then
      how=killed
      break
    fi
    sleep 0.05
  done
  pkill -KILL -s "$pid" || true
  gone_within 5 "$pid" || fail "app-$1 ($pid) does not end"
  rm "$ROOT/run/app-$1.pid"
  say "app-$1: $how after $(($(now_ms) - began)) ms" | tee -a "$ROOT/log/deploy.log"
}

# replace a|b RELEASE
replace() {
  # Out of rotation no new request comes; those under way are not waited for: to finish them is what SIGTERM is for.
  # The mistake of BREAK=in-rotation: HAProxy is told nothing and goes on sending, to a socket on which nobody listens.
  case $BREAK in
    in-rotation) ;;
    *)
      runtime maint "shop/$1"
      sleep 0.1 # a request that HAProxy has just sent is accepted
      ;;
  esac
  stop_instance "$1"
  start_instance "$1" "$2"
  runtime ready "shop/$1"
}
