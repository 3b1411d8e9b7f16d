# Sourced by every script of this folder: where things are, and how the shop and nginx are started.
. "$(dirname "$0")/../../shared/lib.sh"

one_of "$BREAK" none restart in-place one-worker slow-boot removed-release stale-link import-error gthread gthread-behind-nginx \
  kill-by-port one-statement-backfill live-link rebuild-rollback drop-column contract-rollback missing-variable

PYTHON=/usr/bin/python3 # Debian's: its packages are not those of another python3 on the PATH
export PYTHONDONTWRITEBYTECODE=1 # releases are compiled when they are built, and never change again
APP_PORT=$((PORT + 1))
OTHER_PORT=$((PORT + 2)) # kill-by-port alone runs a second instance
[ "$BREAK" != gthread ] || APP_PORT=$PORT # without nginx: users connect to gunicorn itself
export SETTINGS=$ROOT/shared/settings

# note TEXT: a line with its time in log/deploy.log.
note() {
  say "$*"
  printf '%s %s\n' "$(date +%FT%T.%3N)" "$*" >>"$ROOT/log/deploy.log"
}

# start_app [NAME] [PORT]: a gunicorn master that serves `current`.
start_app() {
  local name=${1:-app} port=${2:-$APP_PORT}
  local gunicorn=("$PYTHON" -m gunicorn --config "$SCENARIO/deploy/gunicorn.conf.py" --bind "127.0.0.1:$port")
  case $BREAK in
    one-worker | slow-boot) export BOOT_SECONDS=3 ;;
    in-place) export TEMPLATES_AUTO_RELOAD=yes ;; # templates are read as they are needed, so that editors can change them
    stale-link) # without PWD the working directory is known by its real name, and that one stays v1 whatever `current` says
      (cd "$ROOT/current" && start "$name" env -u PWD "${gunicorn[@]}" shop:app)
      return
      ;;
  esac
  start "$name" "${gunicorn[@]}" --chdir "$ROOT/current" shop:app
}

# Tells the master to read its configuration again, start new workers out of `current`, and let the old ones finish.
reload_app() {
  alive "$(pid_of app)" || fail "gunicorn is not running: see $ROOT/log/app.log"
  signal app HUP
  note "HUP to gunicorn ($(pid_of app))"
}

# proxy_to PORT: nginx' upstream, complete or not at all.
proxy_to() { printf 'server 127.0.0.1:%s max_fails=0;\n' "$1" | write "$ROOT/nginx/upstream.conf"; }

NGINX=(nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf")

start_nginx() {
  mkdir -p "$ROOT/nginx"
  sed "s/__PORT__/$PORT/" "$SCENARIO/nginx/nginx.conf" | write "$ROOT/nginx/nginx.conf"
  proxy_to "$APP_PORT"
  if [ "$BREAK" = gthread-behind-nginx ]; then # nginx, too, keeps its connections to gunicorn
    echo 'keepalive 16;' >>"$ROOT/nginx/upstream.conf"
    sed -i 's/# __KEEPALIVE__/proxy_http_version 1.1; proxy_set_header Connection "";/' "$ROOT/nginx/nginx.conf"
  fi
  "${NGINX[@]}" -t
  start nginx "${NGINX[@]}"
}

migrate_to() { # a revision; what waits for a lock too long gives way and tries again
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    if (cd "$ROOT/releases/v2" && "$PYTHON" -m alembic upgrade "$1"); then
      note "schema $1"
      return
    fi
    say "attempt $attempt failed"
    sleep 0.5
  done
  fail "the schema cannot be brought to $1"
}

# move_workers VERSION: from now on `current` serves, which is VERSION.
move_workers() {
  local i
  case $BREAK in
    restart) # stop, then start: between the two nobody listens
      stop app
      start_app
      ;;
    gthread | gthread-behind-nginx) # one after the other, as on a busy day
      for i in 1 2 3 4; do
        reload_app
        sleep 1
      done
      ;;
    kill-by-port) swap_instances "$1" ;;
    *)
      # A broken release makes the master give up: then there is nothing to reload.
      if alive "$(pid_of app)" || [ "$1" != v1 ]; then reload_app; else rm "$ROOT/run/app.pid" && start_app; fi
      ;;
  esac
}

# copy_in_place VERSION: its files one after the other into the live directory, as over a slow line.
copy_in_place() {
  local from file
  from=$(mktemp -d "$ROOT/checkout-XXXXXX")
  find "$SCENARIO/app" -mindepth 1 -maxdepth 1 ! -name 'v[0-9]*' -exec cp -R {} "$from" \;
  cp -R "$SCENARIO/app/$1/." "$from"
  printf '{ "version": "%s" }\n' "$1" >"$from/release.json"
  while read -r file; do
    cp "$from/$file" "$ROOT/current/$file"
    note "copied $file"
    sleep 0.1
  done < <(cd "$from" && find . -type f | sort)
}

# The new release beside the old one, nginx pointed to it, and then the old one ended - by its port.
swap_instances() {
  local old=$APP_PORT new=$OTHER_PORT
  if grep -q ":$OTHER_PORT " "$ROOT/nginx/upstream.conf"; then old=$OTHER_PORT new=$APP_PORT; fi
  start_app "app-$new-$1" "$new"
  wait_for_http "http://127.0.0.1:$new/healthz" 20 "\"version\":\"$1\""
  proxy_to "$new"
  "${NGINX[@]}" -t && "${NGINX[@]}" -s reload
  note "nginx proxies to $new"
  sleep 0.5
  # Not the listeners alone: every process with a connection to that port, and so nginx' old worker, which is
  # still waiting for the last answers.
  kill $(lsof -ti ":$old") || true
  note "killed what lsof names for port $old"
}
