# Sourced by every script of this folder: where things are, how the shop and nginx are started, how a schema is changed.
. "$(dirname "$0")/../../shared/lib.sh"

one_of "$BREAK" none lock-timeout concurrent-index migrate-down \
  lock-queue create-index one-update drop-column contract-rollback cached-plan
case $TOOL in alembic | sql) ;; *) fail "TOOL=$TOOL: expected alembic or sql" ;; esac

PYTHON=/usr/bin/python3 # Debian's: its packages are not those of another python3 on the PATH
export PYTHONDONTWRITEBYTECODE=1 # releases are compiled when they are built, and never change again
APP_PORT=$((PORT + 1))
export PGDATABASE=shop

# note TEXT: a line with its time in log/deploy.log.
note() {
  say "$*"
  printf '%s %s\n' "$(date +%FT%T.%3N)" "$*" >>"$ROOT/log/deploy.log"
}

# as ROLE COMMAND...: that role of the database, which is also what the server's log calls it.
as() { PGUSER=$1 PGAPPNAME=$1 "${@:2}"; }

run_sql() { psql -qv ON_ERROR_STOP=1 "$@"; }

# build VERSION: a release with its schema changes, for either tool.
build() {
  local each release=$ROOT/releases/$1
  release "$1"
  case $1.$BREAK in v1.cached-plan) cp "$SCENARIO/breaks/cached-plan/catalog.py" "$release" ;; esac
  cp -R "$SCENARIO/db" "$release/db"
  if [ "$1" != v1 ]; then
    for each in expand $(own_change); do cp "$release/db/$each"/*.py "$release/db/versions"; done
  fi
  "$PYTHON" -m compileall -q "$release"
  (cd "$release" && as shop "$PYTHON" -c 'import shop' >/dev/null)
  note "built $1"
}

# The folder below db/ of the schema change that this case has beside the expansion; none where it has none.
own_change() {
  case $BREAK in
    lock-queue | create-index | concurrent-index | one-update | drop-column) echo "$BREAK" ;;
    contract-rollback) echo drop-column ;;
  esac
}

# migrate FOLDER: the schema change of db/FOLDER, by TOOL. What waits for a lock too long gives way and tries again.
migrate() {
  local attempt folder=$ROOT/releases/v2/db file
  file=$(basename "$folder/$1"/*.sql)
  for attempt in {1..20}; do
    case $TOOL in
      alembic) as deploy "$PYTHON" -m alembic -c "$folder/alembic.ini" upgrade "${file%%_*}" && break ;;
      sql) as deploy run_sql -f "$folder/$1/$file" && break ;;
    esac
    [ "$attempt" -lt 20 ] || fail "$file: the schema cannot be changed"
    say "attempt $attempt failed"
    sleep "0.$((RANDOM % 400 + 300))"
  done
  note "migrated: ${file%.sql}"
}

# migrate_down: takes the expansion back.
migrate_down() {
  local attempt folder=$ROOT/releases/v2/db
  for attempt in {1..20}; do
    case $TOOL in
      alembic) as deploy "$PYTHON" -m alembic -c "$folder/alembic.ini" downgrade 0001 && break ;;
      sql) as deploy run_sql -f "$folder"/expand/down/*.sql && break ;;
    esac
    [ "$attempt" -lt 20 ] || fail "the expansion cannot be taken back"
    say "attempt $attempt failed"
    sleep "0.$((RANDOM % 400 + 300))"
  done
  note "migrated down"
}

# A report that keeps its transaction open for 5 s; returns once it is reading.
start_report() {
  local end=$((SECONDS + 10))
  as report start report psql -qv ON_ERROR_STOP=1 -f "$SCENARIO/db/report.sql"
  until [ "$(run_sql -Atc "SELECT count(*) FROM pg_locks WHERE relation = 'items'::regclass AND pid IN
      (SELECT pid FROM pg_stat_activity WHERE usename = 'report' AND query LIKE '%pg_sleep%')")" = 1 ]; do
    [ $SECONDS -lt $end ] || fail "the report does not begin: see $ROOT/log/report.log"
    sleep 0.05
  done
  sleep 0.3
  note "a report is reading"
}

start_app() {
  as shop start app "$PYTHON" -m gunicorn --config "$SCENARIO/deploy/gunicorn.conf.py" \
    --bind "127.0.0.1:$APP_PORT" --chdir "$ROOT/current" shop:app
}

# Tells the master to start new workers out of `current` and to let the old ones finish.
reload_app() {
  alive "$(pid_of app)" || fail "gunicorn is not running: see $ROOT/log/app.log"
  signal app HUP
  note "HUP to gunicorn, current -> $(readlink "$ROOT/current")"
}

start_nginx() {
  mkdir -p "$ROOT/nginx"
  sed "s/__PORT__/$PORT/; s/__APP_PORT__/$APP_PORT/" "$SCENARIO/nginx/nginx.conf" | write "$ROOT/nginx/nginx.conf"
  nginx -t -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
  start nginx nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
}
