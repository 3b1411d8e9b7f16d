# Sourced after lib.sh by scenarios that run containers: a Docker engine of the scenario's own below $ROOT/docker, apart
# from any that the machine has. Needs root. It has a mount namespace of its own, so that no mount outlives it, and the
# machine's network, in which it changes no firewall rule: ports are published by its own proxy (`-p 127.0.0.1:P:8080`).
# There is no default bridge: a container has a network of Compose's, --network host, or none.
#   prepare:  end_engine; prepare_root; start_engine; image local/node:base node
#   teardown: end_engine; stop_all
ENGINE=$ROOT/docker
ENGINE_SOCKET=$ENGINE/engine.sock
ENGINE_CGROUP=zdd-$(cksum <<<"$ROOT" | cut -d' ' -f1)
# The classic builder: it takes a base image from this engine, and needs no plugin.
export DOCKER_HOST=unix://$ENGINE_SOCKET DOCKER_BUILDKIT=0

# start_engine [OPTION...]: options of dockerd. Done when it answers, within 30 s.
start_engine() {
  need dockerd docker
  need containerd docker
  need docker docker
  need unshare tools
  [ "$(id -u)" -eq 0 ] || fail "a Docker engine needs root"
  # The longest one, of libnetwork, is exec/libnetwork/ and 17 letters.
  [ ${#ENGINE} -le 72 ] || fail "$ROOT is too long for the engine's sockets: choose another ROOT"
  mkdir -p "$ENGINE" /run/containerd
  weigh_engine
  start_containerd
  echo '{}' >"$ENGINE/daemon.json" # not the machine's
  start dockerd nsenter --mount="/proc/$(pid_of containerd)/ns/mnt" dockerd --config-file "$ENGINE/daemon.json" --data-root "$ENGINE/data" \
    --exec-root "$ENGINE/exec" --pidfile "$ENGINE/dockerd.pid" -H "$DOCKER_HOST" \
    --containerd "$ENGINE/containerd.sock" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$ENGINE_CGROUP" \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false --userland-proxy=true --bridge=none \
    --default-address-pool "base=$(engine_subnets),size=24" --default-address-pool base=172.16.0.0/12,size=20 \
    --shutdown-timeout 10 "$@"
  engine_within 30 dockerd engine_answers
  say "engine $(docker version --format '{{.Server.Version}}') answers"
}

# In a control group of their own all containers together would get the processor time of one busy process of the machine:
# here they get that of ten.
weigh_engine() {
  local cpu=/sys/fs/cgroup/cpu
  [ -e "$cpu/cpu.shares" ] || return 0
  mkdir -p "$cpu/$ENGINE_CGROUP"
  echo 10240 >"$cpu/$ENGINE_CGROUP/cpu.shares"
}

# Its socket directory for containers is a fixed one of the machine's: it gets an own one there.
start_containerd() {
  write "$ENGINE/containerd.toml" <<CONFIG
version = 2
root = "$ENGINE/containerd"
state = "$ENGINE/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "$ENGINE/containerd.sock"
CONFIG
  start containerd unshare --mount --propagation slave \
    sh -c 'mount -t tmpfs tmpfs /run/containerd && exec containerd --config "$1"' containerd "$ENGINE/containerd.toml"
  engine_within 15 containerd test -S "$ENGINE/containerd.sock"
}

engine_answers() { timeout 5 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# engine_within SECONDS DAEMON COMMAND...: until COMMAND succeeds; fails when DAEMON ends before.
engine_within() {
  local end=$((SECONDS + $1)) daemon=$2
  shift 2
  until "$@"; do
    alive "$(pid_of "$daemon")" || fail "$daemon does not start: $(tail -n 3 "$ROOT/log/$daemon.log")"
    [ $SECONDS -lt $end ] || fail "$daemon is not ready: $(tail -n 3 "$ROOT/log/$daemon.log")"
    sleep 0.05
  done
}

# A range of this ROOT's own for networks, because engines that start at the same time may not see each other's.
engine_subnets() { echo "10.$(($(cksum <<<"$ROOT" | cut -d' ' -f1) % 256)).0.0/16"; }

# rootfs FOLDER PROGRAM...: busybox and these programs, with the libraries they need.
rootfs() {
  local folder=$1 program file libraries
  shift
  need busybox docker
  need ldd tools
  mkdir -p "$folder"/{bin,usr/bin,etc,proc,sys,dev,run,srv} "$folder/tmp"
  chmod 1777 "$folder/tmp"
  printf '%s\n' root:x:0:0::/:/bin/sh app:x:1000:1000::/:/bin/sh >"$folder/etc/passwd"
  printf '%s\n' root:x:0: app:x:1000: >"$folder/etc/group"
  for program in busybox "$@"; do
    need "$program" tools
    file=$(readlink -f "$(command -v "$program")")
    cp "$file" "$folder/usr/bin/$program"
    libraries=$(ldd "$file" 2>/dev/null | grep -o '/[^ )]*' || true)
    [ -z "$libraries" ] || xargs -r cp -L --parents -t "$folder" <<<"$libraries"
  done
  for program in $(busybox --list); do
    [ -e "$folder/usr/bin/$program" ] || ln -s /usr/bin/busybox "$folder/bin/$program"
  done
}

# image NAME PROGRAM...: an image of them; nothing is fetched from anywhere.
image() {
  local name=$1 folder
  shift
  folder=$(mktemp -d "$ROOT/.rootfs-XXXXXX")
  chmod 755 "$folder"
  rootfs "$folder" "$@"
  tar -C "$folder" -c . | timeout 60 docker import -c 'ENV PATH=/usr/bin:/bin' - "$name" >/dev/null
  rm -rf "$folder"
  say "image $name"
}

# Ends containers, engine and containerd, in whatever state a run left them, and removes all they made. Within 90 s.
end_engine() {
  [ -d "$ENGINE" ] || return 0
  if engine_answers; then empty_engine; fi
  local daemon
  for daemon in dockerd containerd; do
    (stop "$daemon" TERM 20) || say "$daemon had to be killed"
  done
  kill_engine_rest
  remove_engine_bridges
  remove_engine_cgroups
  if grep -q " $ENGINE/" /proc/self/mountinfo; then fail "something is mounted below $ENGINE"; fi
  rm -rf "$ENGINE" "$ROOT"/.rootfs-*
  say "the engine has ended"
}

# Containers and networks; a node of a swarm leaves it first, or its services would start them again.
empty_engine() {
  local ids
  if [ "$(timeout 5 docker info --format '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active ]; then
    timeout 20 docker swarm leave --force || true
  fi
  ids=$(timeout 10 docker ps -aq) || true
  [ -z "$ids" ] || timeout 30 docker rm -f -v $ids >/dev/null || true
  timeout 15 docker network prune -f >/dev/null || true
}

# What outlives dockerd and containerd when they are killed: the shims, known by their address, and the containers, by
# their cgroup.
kill_engine_rest() {
  local end=$((SECONDS + 10)) pids
  while pids=$(engine_rest) && [ -n "$pids" ]; do
    [ $SECONDS -lt $end ] || fail "processes of the engine do not end: ${pids//$'\n'/ }"
    kill -s KILL $pids 2>/dev/null || true
    sleep 0.1
  done
}
engine_rest() {
  local pid
  for pid in $(grep -lsF "/$ENGINE_CGROUP/" /proc/[0-9]*/cgroup | cut -d/ -f3) \
    $(pgrep -f -- "-address $ENGINE/containerd.sock"); do
    if alive "$pid"; then echo "$pid"; fi
  done
}

# Bridges that an engine could not remove any more; it noted their names, which are random.
remove_engine_bridges() {
  local name
  [ -f "$ENGINE/data/network/files/local-kv.db" ] || return 0
  for name in $(grep -aoE '\bbr-[0-9a-f]{12}\b' "$ENGINE/data/network/files/local-kv.db" | sort -u); do
    [ ! -e "/sys/class/net/$name/bridge" ] || ip link delete "$name" || say "$name remains"
  done
}

# A cgroup can be removed when its last process has been reaped.
remove_engine_cgroups() {
  local end=$((SECONDS + 5))
  until [ -z "$(find /sys/fs/cgroup -type d -name "$ENGINE_CGROUP" 2>/dev/null)" ]; do
    find /sys/fs/cgroup -depth -type d -path "*/$ENGINE_CGROUP*" -exec rmdir {} + 2>/dev/null || true
    [ $SECONDS -lt $end ] || break
    sleep 0.1
  done
}
