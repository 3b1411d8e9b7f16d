# Sourced by every step. kubectl, KUBECONFIG and the cluster's Docker come from `scripts/cluster run`.
cluster_engine=${DOCKER_HOST:-}
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/docker.sh"
export DOCKER_HOST=$cluster_engine DOCKER_BUILDKIT=0
: "${BREAK:=none}"
one_of "$BREAK" none no-pre-stop no-readiness max-unavailable bad-release

NAMESPACE=zdd-$PORT
BASE_IMAGE=local/node:$(node --version)
kube() { kubectl --namespace "$NAMESPACE" "$@"; }
image_of() { echo "local/shop-$PORT:$1"; }

# fill FILE RELEASE: its placeholders replaced.
fill() {
  # A boot is long where nothing waits for it.
  local boot=800
  [ "$BREAK" != no-readiness ] || boot=3000
  sed "s|__ROOT__|$ROOT|g; s|__PORT__|$PORT|g; s|__IMAGE__|$(image_of "$2")|g; s|__BOOT_MS__|$boot|g" "$SCENARIO/$1"
}

# deployment RELEASE: the manifest, with the mistake.
deployment() {
  local mistake=$SCENARIO/breaks/$BREAK.json
  if [ -e "$mistake" ]; then
    fill shop.yaml "$1" | kubectl patch --local -f - --type json --patch "$(cat "$mistake")" -o yaml
  else
    fill shop.yaml "$1"
  fi
}

# in_cluster: stops where no cluster answers in this network.
in_cluster() {
  need kubectl kubernetes
  [ -n "${KUBECONFIG:-}" ] && timeout 10 kubectl get --raw /readyz --request-timeout 5s >/dev/null 2>&1 ||
    fail "no cluster answers. As root: scripts/cluster start; scripts/cluster run -- zdd-verify run $SCENARIO/scenario.yaml"
}

# clear_cluster: everything of this scenario in the cluster, whatever state a run left it in.
clear_cluster() {
  local ids
  if timeout 10 kubectl get namespace "$NAMESPACE" >/dev/null 2>&1; then
    kube delete deployment,service shop --ignore-not-found --wait=false
    kube wait --for=delete pod --selector app=shop --timeout 40s 2>/dev/null || true
    timeout 60 kubectl delete namespace "$NAMESPACE" --timeout 55s
  fi
  ids=$(timeout 10 docker ps -aq --filter "label=io.kubernetes.pod.namespace=$NAMESPACE")
  [ -z "$ids" ] || timeout 30 docker rm -f $ids >/dev/null
  ids=$(timeout 10 docker images -q "local/shop-$PORT")
  [ -z "$ids" ] || timeout 30 docker rmi -f $ids >/dev/null
}
