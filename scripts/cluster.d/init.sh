#!/usr/bin/env bash
# Usage: init.sh DIR BIN: the first process of the cluster's namespaces. When it ends, so does everything in them; it ends
# when one of the daemons does. Its lines go to DIR/log/init.log, with the seconds since it began.
set -euo pipefail
. "$(dirname "$0")/common.sh"
DIR=$1
BIN=$2
SERVICES=10.96.0.0/16
PATH=$BIN:$PATH
export KUBECONFIG=$DIR/kubeconfig
log() { say "$SECONDS s: $*"; }

main() {
  network
  files
  daemon etcd etcd --data-dir "$DIR/etcd" --listen-client-urls http://127.0.0.1:2379 \
    --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 --log-level warn
  docker_engine
  api_server
  until_within 60 'the API server answers' kubectl get --raw /readyz
  controllers
  node
  until_within 60 'the node is there' kubectl get node node
  until_within 90 'the node is ready' kubectl wait --for condition=Ready --timeout 4s node/node
  : >"$DIR/run/ready"
  log 'ready'
  guard
}

# Loopback, the node's address, and a way to the services, whose addresses kube-proxy turns into those of pods.
network() {
  ip link set lo up
  ip link add node0 type dummy 2>/dev/null || ip link add node0 type bridge
  ip address add "$NODE_ADDRESS/32" dev node0
  ip link set node0 up
  ip route add "$SERVICES" dev node0
}

# What is written to places that cannot be chosen lies in DIR, too, and is seen in these namespaces alone.
files() {
  local place
  mkdir -p "$DIR"/{etcd,docker,kubelet,var}
  mount -t tmpfs -o size=512m,mode=700 tmpfs "$DIR/etcd"
  mount -t tmpfs -o size=64m,mode=755 tmpfs /run
  for place in lib log; do
    mkdir -p "$DIR/var/$place" "$DIR/var/$place-work"
    mount -t overlay overlay -o "lowerdir=/var/$place,upperdir=$DIR/var/$place,workdir=$DIR/var/$place-work" "/var/$place"
  done
}

# daemon NAME COMMAND...: its id, as this namespace numbers it, in `ids`; its output in log/NAME.log.
declare -A ids=()
daemon() {
  local name=$1
  shift
  "$@" </dev/null >>"$DIR/log/$name.log" 2>&1 &
  ids[$!]=$name
}

# until_within SECONDS WHAT COMMAND...
until_within() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until timeout 5 "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { log "not within the time given: $what"; exit 1; }
    sleep 0.3
  done
  log "$what"
}

# Docker with a container image for the network of pods. No capability to lower oom_score_adj is needed, and containers
# have a group of this cluster's.
docker_engine() {
  sed "s|__CGROUP__|$(cgroup_of "$DIR")|" "$(dirname "$0")/runc.sh" >"$DIR/run/runc"
  chmod 755 "$DIR/run/runc"
  printf '{ "runtimes": { "zdd": { "path": "%s" } }, "default-runtime": "zdd" }\n' "$DIR/run/runc" >"$DIR/run/docker.json"
  daemon dockerd dockerd --config-file "$DIR/run/docker.json" --data-root "$DIR/docker" --exec-root /run/docker \
    --pidfile /run/docker.pid -H "unix://$DIR/docker.sock" --exec-opt native.cgroupdriver=cgroupfs \
    --iptables=false --ip6tables=false --ip-masq=false --oom-score-adjust 0 --log-level warn
  export DOCKER_HOST=unix://$DIR/docker.sock
  until_within 60 'Docker answers' docker version
  pause_image
}

# Holds a pod's network: busybox that waits, and ends when it is told to.
pause_image() {
  if ldd "$(command -v busybox)" >/dev/null 2>&1; then
    log 'busybox needs libraries: apt-get install busybox-static'
    exit 1
  fi
  mkdir -p "$DIR/run/pause/bin"
  cp "$(command -v busybox)" "$DIR/run/pause/bin/busybox"
  tar -C "$DIR/run/pause" -c . | docker import \
    -c 'ENTRYPOINT ["/bin/busybox", "sh", "-c", "trap exit TERM INT; while :; do busybox sleep 3600 & wait; done"]' \
    -c 'ENV PATH=/bin' - zdd/pause:1 >/dev/null
}

api_server() {
  daemon apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 --cert-dir "$DIR/pki" \
    --bind-address "$NODE_ADDRESS" --advertise-address "$NODE_ADDRESS" --service-cluster-ip-range "$SERVICES" \
    --service-node-port-range 20000-32767 --authorization-mode AlwaysAllow --token-auth-file "$DIR/pki/tokens.csv" \
    --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$DIR/pki/service-account.key" \
    --service-account-signing-key-file "$DIR/pki/service-account.key" --allow-privileged \
    --kubelet-preferred-address-types InternalIP
}

controllers() {
  daemon controller-manager kube-controller-manager --kubeconfig "$KUBECONFIG" --leader-elect=false \
    --service-account-private-key-file "$DIR/pki/service-account.key" --root-ca-file "$DIR/pki/apiserver.crt" \
    --use-service-account-credentials=false --cert-dir "$DIR/pki" \
    --flex-volume-plugin-dir "$DIR/kubelet/plugins"
  daemon scheduler kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false
}

node() {
  daemon kubelet kubelet --kubeconfig "$KUBECONFIG" --hostname-override node --node-ip "$NODE_ADDRESS" \
    --root-dir "$DIR/kubelet" --cert-dir "$DIR/pki" --volume-plugin-dir "$DIR/kubelet/plugins" \
    --container-runtime docker --docker-endpoint "unix://$DIR/docker.sock" --pod-infra-container-image zdd/pause:1 \
    --cgroups-per-qos=false --enforce-node-allocatable= --eviction-hard= --fail-swap-on=false --oom-score-adj 0 \
    --image-gc-high-threshold 100 --hairpin-mode none
  daemon proxy kube-proxy --kubeconfig "$KUBECONFIG" --hostname-override node --proxy-mode iptables --masquerade-all \
    --oom-score-adj 0 --conntrack-max-per-core 0
}

# A cluster without one of its parts is none.
guard() {
  local ended
  wait -n -p ended "${!ids[@]}" || true
  log "${ids[$ended]} has ended: $(tail -n 1 "$DIR/log/${ids[$ended]}.log")"
  exit 1
}

main
