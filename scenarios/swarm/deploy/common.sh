# Sourced by every script of this folder.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/docker.sh"
: "${BREAK:=none}"
one_of "$BREAK" none no-healthcheck bad-release

# build_image RELEASE IMAGE: the shop, and how Docker finds out whether it is healthy.
build_image() {
  local context=$ROOT/releases/$1
  release "$1" "$SHARED/app"
  {
    echo 'FROM zdd/node:base'
    echo 'COPY server.mjs release.json /srv/shop/'
    case $BREAK:$1 in
      # It listens, and says 503 to everything but the question whether it is alive.
      bad-release:v2) echo 'ENV LOAD_MS=3600000' ;;
    esac
    case $BREAK in
      no-healthcheck) ;;
      *) echo 'HEALTHCHECK --interval=2s --timeout=10s --start-period=8s --retries=3 CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]' ;;
    esac
    # The app is the first process, and gets SIGTERM itself.
    echo 'CMD ["sh", "-c", "exec node /srv/shop/server.mjs $NAME >>/log/shop-$TASK.log 2>&1"]'
  } | write "$context/Dockerfile"
  DOCKER_BUILDKIT=0 docker build --quiet --tag "$2" "$context"
}
