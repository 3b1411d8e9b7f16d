# Sourced by every script of this folder: where things are, and how the shop and nginx are started.
. "$(dirname "$0")/../../shared/lib.sh"

one_of "$BREAK" none stock-worker uvicorn-alone preload short-timeout slow-startup

PYTHON=/usr/bin/python3 # Debian's: its packages are not those of another python3 on the PATH
export PYTHONDONTWRITEBYTECODE=1 # releases are compiled when they are built, and never change again
APP_PORT=$((PORT + 1))
export DATABASE=$ROOT/shared/orders.sqlite

# note TEXT: a line with its time in log/deploy.log.
note() {
  say "$*"
  printf '%s %s\n' "$(date +%FT%T.%3N)" "$*" >>"$ROOT/log/deploy.log"
}

start_app() {
  case $BREAK in
    uvicorn-alone) # no master that would hold the port while the app is replaced
      (cd "$ROOT/current" && start app "$PYTHON" -m uvicorn main:app --port "$APP_PORT" --no-access-log)
      return
      ;;
    slow-startup) export BOOT_SECONDS=3 ;;
  esac
  start app "$PYTHON" -m gunicorn --config "$SCENARIO/deploy/gunicorn.conf.py" --pythonpath "$SCENARIO/deploy" \
    --bind "127.0.0.1:$APP_PORT" --chdir "$ROOT/current" main:app
}

# Tells the master to start new workers out of `current` and to let the old ones finish.
reload_app() {
  case $BREAK in
    uvicorn-alone) # it finishes what it began, but from the signal on nobody listens
      stop app
      start_app
      ;;
    stock-worker) # it loses a request in one of several reloads only
      local i
      for i in 1 2 3 4 5 6 7 8; do
        signal app HUP
        sleep 0.7
      done
      ;;
    *)
      alive "$(pid_of app)" || fail "gunicorn is not running: see $ROOT/log/app.log"
      signal app HUP
      ;;
  esac
  note "the app was told to serve $(readlink "$ROOT/current")"
}

start_nginx() {
  mkdir -p "$ROOT/nginx"
  sed "s/__PORT__/$PORT/; s/__APP_PORT__/$APP_PORT/" "$SCENARIO/nginx/nginx.conf" | write "$ROOT/nginx/nginx.conf"
  nginx -t -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
  start nginx nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
}
