# Sourced by the parts of scripts/cluster.
CACHE=${ZDD_CLUSTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/zdd-verify/kubernetes-1.20.2}
NODE_ADDRESS=10.10.10.10 # in the cluster's own network

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
as_root() { [ "$(id -u)" -eq 0 ] || fail "this needs root"; }

# cgroup_of DIR: the group that its containers are in.
cgroup_of() { echo "zdd-cluster-$(cksum <<<"$1" | cut -d' ' -f1)"; }

# alive PID: running, and not a zombie that nobody has reaped.
alive() {
  local state
  state=$(sed 's/.*) //;s/ .*//' "/proc/$1/stat" 2>/dev/null) || return 1
  [ -n "$state" ] && [ "$state" != Z ] && [ "$state" != X ]
}

# gone_within SECONDS PID
gone_within() {
  local end=$((SECONDS + $1))
  while alive "$2"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.05
  done
}
