#!/usr/bin/env bash
# Before the release: an engine of the scenario's own as a swarm of one node, v1 as a service, HAProxy in front.
. "$(dirname "$0")/common.sh"
need haproxy haproxy
need curl tools
need ss tools
end_engine # of a run that was cut off
prepare_root
[ -z "$(ss -Hltn 'sport = :7946')" ] || fail "port 7946 is in use, and a swarm can have no other: end the swarm that runs here"
start_engine
# Swarm would call the bridge of this network by a name that an engine of the machine may use.
docker network create docker_gwbridge >/dev/null
docker swarm init --advertise-addr 127.0.0.1 --listen-addr "127.0.0.1:$((PORT + 1))" --data-path-port $((PORT + 2)) \
  --default-addr-pool 192.168.128.0/17 --default-addr-pool-mask-length 24 >/dev/null
docker network create --driver overlay --attachable shop >/dev/null
start docker-events docker events --format '{{json .}}' --filter event=update --filter event=start \
  --filter event=kill --filter event=die --filter event=health_status

image zdd/node:base node
image zdd/haproxy:base haproxy
build_image v1 zdd/shop:v1
case $BREAK in
  no-healthcheck) boot=8000 ;; # long enough to be missed on a busy machine, too
  *) boot=4000 ;;
esac
# Without IPVS there is no virtual address: the DNS gives the addresses of the tasks (dnsrr).
docker service create --quiet --detach --no-resolve-image --name shop --network shop --endpoint-mode dnsrr \
  --replicas "$REPLICAS" --stop-grace-period 20s \
  --mount "type=bind,source=$ROOT/log,target=/log" --mount "type=bind,source=$ROOT/shared,target=/shared" \
  --env "NAME=swarm-$PORT" --env 'TASK={{.Task.Name}}' --env LISTEN=0.0.0.0:8080 --env ORDERS=/shared/orders.jsonl \
  --env BOOT_MS=$boot --env ANNOUNCE_MS=3000 zdd/shop:v1 >/dev/null

end=$((SECONDS + 30))
until [ "$(cat "$ROOT"/log/shop-*.log 2>/dev/null | grep -c '"event":"listening"')" = "$REPLICAS" ] &&
  [ "$(docker service ls --format '{{.Replicas}}')" = "$REPLICAS/$REPLICAS" ]; do
  [ $SECONDS -lt $end ] || fail "not all of the $REPLICAS tasks are healthy: $(docker service ps shop)"
  sleep 0.2
done

# Nobody asks it anything before it has found the tasks: its log is that of the release.
write "$ROOT/haproxy.cfg" <"$SCENARIO/haproxy.cfg"
docker run --detach --name haproxy --network shop --publish "127.0.0.1:$PORT:8080" \
  --volume "$ROOT/haproxy.cfg:/etc/haproxy.cfg:ro" --volume "$ROOT/run:/run/haproxy" --volume "$ROOT/log:/log" \
  zdd/haproxy:base sh -c 'exec haproxy -W -f /etc/haproxy.cfg >>/log/haproxy-access.log 2>>/log/haproxy.log' >/dev/null
until [ -S "$ROOT/run/haproxy.sock" ]; do
  [ $SECONDS -lt $end ] || fail "HAProxy does not start: $(tail -n 3 "$ROOT/log/haproxy.log")"
  sleep 0.1
done
for number in $(seq "$REPLICAS"); do
  node "$SHARED/haproxy.mjs" --socket "$ROOT/run/haproxy.sock" wait "shop/task$number" UP --within 20s
done
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
say "v1 runs, $REPLICAS times"
