# Sourced by every script of this folder: where things are, and how the shop and nginx are started.
. "$(dirname "$0")/../../shared/lib.sh"

one_of "$BREAK" none rename-column not-null

PYTHON=/usr/bin/python3 # Debian's: its packages are not those of another python3 on the PATH
export PYTHONDONTWRITEBYTECODE=1 # releases are compiled when they are built, and never change again
APP_PORT=$((PORT + 1))
export SECRET_KEY_FILE=$ROOT/shared/secret-key

# note TEXT: a line with its time in log/deploy.log.
note() {
  say "$*"
  printf '%s %s\n' "$(date +%FT%T.%3N)" "$*" >>"$ROOT/log/deploy.log"
}

start_app() {
  start app "$PYTHON" -m gunicorn --config "$SCENARIO/deploy/gunicorn.conf.py" \
    --bind "127.0.0.1:$APP_PORT" --chdir "$ROOT/current" shop.wsgi:application
}

# Tells the master to start new workers out of `current` and to let the old ones finish.
reload_app() {
  alive "$(pid_of app)" || fail "gunicorn is not running: see $ROOT/log/app.log"
  signal app HUP
  note "HUP to gunicorn, current -> $(readlink "$ROOT/current")"
}

# migrate VERSION: brings the schema to what that release knows. What waits for a lock too long gives way and tries again.
migrate() {
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if (cd "$ROOT/releases/$1" && PGOPTIONS='-c lock_timeout=200ms' "$PYTHON" manage.py migrate --no-input); then
      note "migrated as $1 says"
      return
    fi
    say "attempt $attempt failed"
    sleep 0.5
  done
  fail "the schema cannot be brought to $1"
}

start_nginx() {
  mkdir -p "$ROOT/nginx"
  sed "s/__PORT__/$PORT/; s/__APP_PORT__/$APP_PORT/" "$SCENARIO/nginx/nginx.conf" | write "$ROOT/nginx/nginx.conf"
  nginx -t -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
  start nginx nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
}
