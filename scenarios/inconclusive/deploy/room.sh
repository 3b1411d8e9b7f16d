#!/usr/bin/env bash
# room.sh few-ports|no-names COMMAND...: runs COMMAND in a network of its own in which that is scarce. Needs root.
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"
scarce=$1
shift
case $scarce in few-ports | no-names) ;; *) echo "error: $scarce: expected few-ports or no-names" >&2; exit 2 ;; esac
[ "$(id -u)" -eq 0 ] || { echo "error: a network of its own needs root" >&2; exit 2; }

furnish='
  set -e
  ip link set lo up
  if [ "$0" = few-ports ]; then
    echo 30000 30199 >/proc/sys/net/ipv4/ip_local_port_range
    # A port rests for a minute after its connection.
    echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
  else
    file=$(mktemp)
    printf "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n" >"$file"
    mount --bind "$file" /etc/resolv.conf
    rm "$file"
    file=$(mktemp)
    echo "hosts: files dns" >"$file"
    mount --bind "$file" /etc/nsswitch.conf
    rm "$file"
  fi
  exec "$@"
'
exec unshare --net --mount --propagation private bash -c "$furnish" "$scarce" "$@"
