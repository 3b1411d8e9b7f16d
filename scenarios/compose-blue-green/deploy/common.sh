# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/docker.sh"
LONGEST=8
. "$SHARED/nginx.sh"
: "${BREAK:=none}"
one_of "$BREAK" none force-recreate no-healthcheck ignores-term bad-release

export COMPOSE_PROJECT_NAME=shop$PORT DATA=$ROOT/shared BLUE_PORT=$((PORT + 1)) GREEN_PORT=$((PORT + 2))

# compose ARGUMENT...: Compose v2 where it is there, else v1; within a minute.
compose() {
  if docker compose version >/dev/null 2>&1; then
    (cd "$ROOT/compose" && timeout 60 docker compose "$@")
  else
    need docker-compose docker
    (cd "$ROOT/compose" && timeout 60 docker-compose "$@")
  fi
}

# build RELEASE: its image, of nothing but the base image and the release's files.
build() {
  release "$1" "$ROOT/source"
  case $BREAK:$1 in
    # The new release takes long to boot.
    no-healthcheck:v2) echo 'ENV BOOT_MS=20000' >>"$ROOT/releases/$1/Dockerfile" ;;
    # It starts, and never has its data: its health check is answered with 503.
    bad-release:v2) echo 'ENV LOAD_MS=600000' >>"$ROOT/releases/$1/Dockerfile" ;;
  esac
  timeout 60 docker build -q -t "local/shop:$1" "$ROOT/releases/$1"
}

# release_of SERVICE; pin SERVICE RELEASE: which release it runs from the next `up` on.
release_of() { sed -n "s/^${1^^}_RELEASE=//p" "$ROOT/compose/.env"; }
pin() {
  { grep -v "^${1^^}_RELEASE=" "$ROOT/compose/.env" || true; echo "${1^^}_RELEASE=$2"; } | write "$ROOT/compose/.env"
}

# up SERVICE RELEASE [OPTION...]: that one alone.
up() {
  local service=$1
  pin "$service" "$2"
  shift 2
  compose --profile "$service" up -d --no-deps "$@" "$service"
}

container_of() { compose --profile "$1" ps -q "$1"; }

# is_healthy SERVICE: waits until Docker says so; where there is no health check, that it runs.
is_healthy() {
  local container state end=$((SECONDS + 30))
  container=$(container_of "$1")
  [ -n "$container" ] || fail "$1 has no container"
  while :; do
    state=$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$container")
    case $state in
      healthy | running) break ;;
      unhealthy | exited | dead) fail "$1 is $state" ;;
    esac
    [ $SECONDS -lt $end ] || fail "$1 is $state after 30 s"
    sleep 0.2
  done
  say "$1 is $state"
}

port_of() { case $1 in blue) echo "$BLUE_PORT" ;; green) echo "$GREEN_PORT" ;; *) fail "no service called $1" ;; esac; }
live() { if grep -q ":$BLUE_PORT\b" "$ROOT/nginx/upstream.conf"; then echo blue; else echo green; fi; }
idle() { if [ "$(live)" = blue ]; then echo green; else echo blue; fi; }
upstream() { echo "server 127.0.0.1:$(port_of "$1");" | write "$ROOT/nginx/upstream.conf"; }
