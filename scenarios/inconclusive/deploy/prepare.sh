#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
prepare_root
: >"$ROOT/log/deploy.log"
for version in v1 v2; do
  mkdir "$ROOT/releases/$version"
  printf '{ "version": "%s" }\n' "$version" >"$ROOT/releases/$version/release.json"
done
point_to v1
# In a network of its own the range says how many connections there can be.
cat /proc/sys/net/ipv4/ip_local_port_range >"$ROOT/log/ports.log"
if [ "$BREAK" = no-names ]; then
  echo ok >"$ROOT/run/names"
  start names node "$SCENARIO/app/name-server.mjs" "$ROOT/run/names"
  until grep -q listening "$ROOT/log/names.log"; do sleep 0.05; done
fi
export CURRENT=$ROOT/current NOISE=off SICK=off
case $BREAK in
  noise) NOISE=on ;;
  sick-before) SICK=on ;;
esac
start site node "$SCENARIO/app/server.mjs"
end=$((SECONDS + 10))
until (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do
  [ $SECONDS -lt $end ] || fail "the site does not listen: $(tail -n 3 "$ROOT/log/site.log")"
  sleep 0.1
done
