. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/proxy.sh"
one_of "$BREAK" none in-release

# start_app VERSION PLACE
start_app() {
  local uploads=$ROOT/shared/uploads
  # The mistake of in-release: uploads lie in the folder of the release that received them.
  [ "$BREAK" != in-release ] || uploads=$ROOT/releases/$1/uploads
  LISTEN=$(port_of "$2") UPLOADS=$uploads start "app-$2" node "$ROOT/releases/$1/server.mjs"
  wait_for_http "http://127.0.0.1:$(port_of "$2")/healthz" 10 "$1"
}
