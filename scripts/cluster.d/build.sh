#!/usr/bin/env bash
# Makes the programs of Kubernetes out of Debian's source package, with Debian's Go, into $CACHE/bin; does nothing where
# they are there. Of the machine it changes the packages that it needs (scripts/install-systems --only kubernetes).
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"
. "$(dirname "$0")/common.sh"

VERSION=1.20.2
PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl)
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
MIRROR=${ZDD_DEBIAN_MIRROR:-http://deb.debian.org/debian}
# 4 GB are enough for two compilers and one linker at a time.
GB_PER_JOB=2

work=$CACHE/work

main() {
  packages
  is_built && return
  mkdir -p "$CACHE"
  exec 9>"$CACHE/.lock"
  flock -n 9 || { say "waiting for another build in $CACHE"; flock -w 3600 9 || fail "it takes too long"; }
  is_built && return
  [ "$(df -Pk "$CACHE" | awk 'NR == 2 { print $4 }')" -gt 8000000 ] || fail "$CACHE: 8 GB of disk have to be free for the build"
  rm -rf "$work"
  mkdir -p "$work"
  stage 'source package' fetch
  stage 'unpack' unpack
  stage "compile with $(go version | cut -d' ' -f3), $(jobs_at_once) at a time" compile
  keep
  rm -rf "$work"
  say "built in $SECONDS s: $CACHE/bin"
}

packages() {
  local installer
  installer=$(dirname "$0")/../install-systems
  "$installer" --list --only kubernetes | grep -q '^kubernetes  *missing' || return 0
  say 'installing Debian packages ...'
  "$installer" --only kubernetes
}

is_built() { [ -x "$CACHE/bin/kubectl" ]; }

# stage NAME COMMAND: says that it began, every 30 s that it goes on, and how long it took.
stage() {
  local name=$1 began=$SECONDS log="$work/log" next=30
  shift
  say "$name ..."
  set -m # a process group of its own
  "$@" </dev/null >"$log" 2>&1 9>&- &
  pid=$!
  set +m
  trap 'kill -- "-$pid" 2>/dev/null || true' EXIT
  while alive "$pid"; do
    sleep 0.2
    if [ $((SECONDS - began)) -ge $next ]; then
      say "$name: $next s, $(progress)"
      next=$((next + 30))
    fi
  done
  wait "$pid" || { tail -n 20 "$log" >&2; fail "$name failed"; }
  trap - EXIT
  say "$name: done after $((SECONDS - began)) s"
}

# What the Go compiler has put aside, as a sign that it is getting on.
progress() {
  local compiled="$work/source/tree/_output/local/go/cache"
  if [ -d "$compiled" ]; then du -sh "$compiled" | cut -f1; else tail -n 1 "$work/log" | cut -c1-100; fi
}

# The package lists are apart from the machine's, whose sources stay as they are.
fetch() {
  [ -e "$KEYRING" ] || fail "$KEYRING is missing: apt-get install debian-archive-keyring"
  mkdir -p "$work"/apt/{lists,cache} "$work/source"
  echo "deb-src [signed-by=$KEYRING] $MIRROR bookworm main" >"$work/apt/sources.list"
  cd "$work/source"
  apt update
  apt source --download-only --only-source kubernetes
}

apt() {
  timeout 600 apt-get -q -o "Dir::Etc::SourceList=$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root "$@"
}

unpack() {
  cd "$work/source"
  local description
  description=$(ls kubernetes_*.dsc)
  case $description in *"$VERSION"-*) ;; *) fail "Debian has $description, not $VERSION" ;; esac
  # apt has checked its signature.
  dpkg-source --no-check --no-copy -x "$description" tree
  mkdir -p tree/.go/src/k8s.io
  ln -s ../../.. tree/.go/src/k8s.io/kubernetes
}

compile() {
  cd "$work/source/tree"
  # -tags last: Kubernetes cuts it out of GOFLAGS. Without the code for clouds, which is most of the work.
  env -u GOROOT -u GOBIN GOPATH="$PWD/.go" GOPROXY=off CGO_ENABLED=0 \
    GOFLAGS="-p=$(jobs_at_once) -tags=providerless" GOMAXPROCS="$(jobs_at_once)" \
    make "WHAT=$(printf 'cmd/%s ' "${PROGRAMS[@]}")"
}

jobs_at_once() {
  local memory cores
  memory=$(awk '/^MemAvailable/ { print int($2 / 1000000) }' /proc/meminfo)
  cores=$(nproc)
  memory=$((memory / GB_PER_JOB))
  [ "$memory" -lt "$cores" ] || memory=$cores
  [ "$memory" -ge 1 ] || memory=1
  echo "$memory"
}

# All of them or none.
keep() {
  local program
  mkdir "$work/bin"
  for program in "${PROGRAMS[@]}"; do cp "$work/source/tree/_output/bin/$program" "$work/bin/"; done
  for program in "${PROGRAMS[@]:0:5}"; do
    "$work/bin/$program" --version | grep -qF "v$VERSION" || fail "$program is not $VERSION: $("$work/bin/$program" --version)"
  done
  "$work/bin/kubectl" version --client --short | grep -qF "v$VERSION" || fail "kubectl is not $VERSION"
  rm -rf "$CACHE/bin"
  mv -T "$work/bin" "$CACHE/bin"
}

main
