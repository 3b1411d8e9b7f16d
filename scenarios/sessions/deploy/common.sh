. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/proxy.sh"
one_of "$BREAK" none in-memory changed-key

# start_app VERSION PLACE
start_app() {
  local store=$ROOT/shared/sessions key
  key=$(cat "$ROOT/shared/secret-key")
  # The mistake of in-memory: sessions live and die with the process that made them.
  [ "$BREAK" != in-memory ] || store=memory
  # The mistake of changed-key: the release brings a key of its own, and no cookie from before is valid any more.
  [ "$BREAK/$1" != changed-key/v2 ] || key=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
  LISTEN=$(port_of "$2") STORE=$store SECRET_KEY=$key start "app-$2" node "$ROOT/releases/$1/server.mjs"
  wait_for_http "http://127.0.0.1:$(port_of "$2")/healthz" 10 "$1"
}
