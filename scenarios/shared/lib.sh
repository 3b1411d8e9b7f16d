# Sourced by the deploy scripts of the scenarios: `. "$(dirname "$0")/../../shared/lib.sh"`.
# Everything a scenario makes is under $ROOT; processes are ended by the ids in $ROOT/run, never by name.
set -euo pipefail

SHARED=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
SCENARIO=$(cd "$(dirname "$0")/.." && pwd)
: "${ROOT:?the folder in which the scenario lives}"

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# need PROGRAM PACKAGE: stops with what is missing and how to get it.
need() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ||
    fail "$1 is not installed. On Debian or Ubuntu: scripts/install-systems --only $2"
}
export PATH="$PATH:/usr/sbin:/sbin"

# one_of VALUE ALLOWED...: stops where a variable has a value that nobody knows.
one_of() {
  local value=$1 each
  shift
  for each in "$@"; do [ "$value" = "$each" ] && return 0; done
  fail "BREAK=$value: expected one of $*"
}

# An empty $ROOT with the folders every scenario uses. A folder that is not a scenario's is left alone.
prepare_root() {
  if [ -e "$ROOT" ] && [ ! -e "$ROOT/.zdd-scenario" ] && [ -n "$(ls -A "$ROOT")" ]; then
    fail "$ROOT is not empty and was not made by a scenario: choose another ROOT"
  fi
  if [ -e "$ROOT/.zdd-scenario" ]; then
    stop_all
    find "$ROOT" -mindepth 1 -maxdepth 1 ! -name .zdd-scenario -exec rm -rf {} +
  fi
  mkdir -p "$ROOT"/{run,log,releases,shared}
  chmod 755 "$ROOT"
  : >"$ROOT/.zdd-scenario"
}

# alive PID: running, and not a zombie that nobody has reaped.
alive() {
  local state
  state=$(sed 's/.*) //;s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 1
  [ -n "$state" ] && [ "$state" != Z ] && [ "$state" != X ]
}

# start NAME COMMAND...: a daemon in a session of its own; its output in log/NAME.log, its id in run/NAME.pid.
start() {
  local name=$1 pid
  shift
  if pid=$(cat "$ROOT/run/$name.pid" 2>/dev/null) && alive "$pid"; then fail "$name runs already ($pid)"; fi
  setsid "$@" </dev/null >>"$ROOT/log/$name.log" 2>&1 &
  pid=$!
  printf '%s\n' "$pid" >"$ROOT/run/$name.pid"
  say "started $name ($pid)"
}

pid_of() { cat "$ROOT/run/$1.pid"; }

# signal NAME SIGNAL
signal() { kill -s "$2" "$(pid_of "$1")"; }

# stop NAME [SIGNAL] [SECONDS]: signal, wait until it is gone, SIGKILL after SECONDS (and fail).
stop() {
  local name=$1 sig=${2:-TERM} limit=${3:-15} pid
  pid=$(cat "$ROOT/run/$name.pid" 2>/dev/null) || return 0
  if alive "$pid"; then
    kill -s "$sig" "$pid" 2>/dev/null || true
    if ! gone_within "$limit" "$pid"; then
      kill -s KILL "$pid" 2>/dev/null || true
      gone_within 5 "$pid" || fail "$name ($pid) does not end"
      rm -f "$ROOT/run/$name.pid"
      fail "$name ($pid) had to be killed after $limit s"
    fi
  fi
  rm -f "$ROOT/run/$name.pid"
  say "stopped $name ($pid)"
}

# gone_within SECONDS PID
gone_within() {
  local end=$((SECONDS + $1))
  while alive "$2"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}

# Ends everything whose id is in $ROOT/run, last started first, whatever it takes. For teardown.
stop_all() {
  local file pid name status=0
  while read -r file; do
    [ -n "$file" ] || continue
    name=$(basename "$file" .pid)
    pid=$(head -n 1 "$file" 2>/dev/null) || continue
    case $pid in '' | *[!0-9]*) continue ;; esac
    if alive "$pid"; then
      # PostgreSQL: a fast shutdown; TERM would wait for its clients.
      case $name in postgres*) kill -s INT "$pid" ;; *) kill -s TERM "$pid" ;; esac 2>/dev/null || true
      if ! gone_within 10 "$pid"; then
        kill -s KILL "$pid" 2>/dev/null || true
        gone_within 5 "$pid" || { say "still running: $name ($pid)" >&2; status=1; }
      fi
    fi
    # What it started and left behind is in its session.
    pkill -KILL -s "$pid" 2>/dev/null || true
    rm -f "$file"
  done < <(ls -t "$ROOT"/run/*.pid 2>/dev/null || true)
  return $status
}

# wait_for_http URL SECONDS [TEXT]: until it answers 2xx (and the answer holds TEXT).
wait_for_http() {
  local end=$((SECONDS + $2)) answer
  while :; do
    if answer=$(curl -fsS --max-time 2 "$1" 2>&1); then
      case $answer in *"${3:-}"*) return 0 ;; esac
    fi
    [ $SECONDS -lt $end ] || fail "$1 did not answer as expected within $2 s: $answer"
    sleep 0.1
  done
}

# packages: the npm packages of the scenario, exactly as they are locked, where releases below $ROOT find them.
packages() {
  need npm npm
  if [ -d "$SCENARIO/node_modules" ]; then
    ln -s "$SCENARIO/node_modules" "$ROOT/node_modules"
    return
  fi
  cp "$SCENARIO/package.json" "$SCENARIO/package-lock.json" "$ROOT"/
  (cd "$ROOT" && npm ci --ignore-scripts --omit=dev --no-audit --no-fund --prefer-offline --loglevel=error)
}

# release VERSION [FROM]: releases/VERSION, complete or not at all, from app/VERSION over the shared files of app/ (or FROM).
release() {
  local version=$1 from=${2:-$SCENARIO/app} staging
  [ ! -e "$ROOT/releases/$version" ] || fail "release $version exists already: releases are never changed"
  staging=$(mktemp -d "$ROOT/releases/.$version-XXXXXX")
  chmod 755 "$staging"
  find "$from" -mindepth 1 -maxdepth 1 ! -name 'v[0-9]*' ! -name node_modules -exec cp -R {} "$staging"/ \;
  [ ! -d "$from/$version" ] || cp -R "$from/$version/." "$staging"/
  [ -e "$staging/release.json" ] || printf '{ "version": "%s" }\n' "$version" >"$staging/release.json"
  mv -T "$staging" "$ROOT/releases/$version"
  say "built $ROOT/releases/$version"
}

# point_to VERSION: `current` is replaced by a rename; at no instant is there no link.
point_to() {
  [ -d "$ROOT/releases/$1" ] || fail "there is no release $1"
  ln -s "releases/$1" "$ROOT/.current-$$"
  mv -T "$ROOT/.current-$$" "$ROOT/current"
  say "current -> $(readlink "$ROOT/current")"
}

# write FILE: standard input under that name, complete or not at all.
write() {
  local temporary
  temporary=$(mktemp "$1.XXXXXX")
  cat >"$temporary"
  chmod 644 "$temporary"
  mv -T "$temporary" "$1"
}

# Debian's PostgreSQL on a Unix socket in $ROOT/db (database and user `postgres`); as root it runs as `postgres`.
PG_DIR=$ROOT/db
export PGHOST=$PG_DIR PGUSER=postgres PGDATABASE=postgres
start_postgres() {
  local bin as=()
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
  [ -n "$bin" ] || fail "PostgreSQL is not installed. On Debian or Ubuntu: scripts/install-systems --only postgresql"
  mkdir -p "$PG_DIR"
  if [ "$(id -u)" -eq 0 ]; then
    chown postgres:postgres "$PG_DIR"
    as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  fi
  [ -e "$PG_DIR/data/PG_VERSION" ] || (cd "$PG_DIR" && "${as[@]}" "$bin/initdb" -D "$PG_DIR/data" -A trust -U postgres -E UTF8 --locale=C --no-sync --no-instructions >/dev/null)
  (cd "$PG_DIR" && start postgres "${as[@]}" "$bin/postgres" -D "$PG_DIR/data" -c listen_addresses= \
    -c "unix_socket_directories=$PG_DIR" -c fsync=off -c "max_connections=${PG_MAX_CONNECTIONS:-100}" "$@")
  local end=$((SECONDS + 20))
  until "$bin/pg_isready" -q -h "$PG_DIR"; do
    [ $SECONDS -lt $end ] || fail "PostgreSQL did not start: $(tail -n 3 "$ROOT/log/postgres.log")"
    sleep 0.1
  done
}
