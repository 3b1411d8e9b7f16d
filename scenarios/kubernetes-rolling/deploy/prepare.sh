#!/usr/bin/env bash
# Before the release: v1 in three pods, behind a Service on PORT.
. "$(dirname "$0")/common.sh"
need curl tools
in_cluster
clear_cluster
prepare_root
# Pods write there.
chmod 777 "$ROOT/log" "$ROOT/shared"
docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 || image "$BASE_IMAGE" node
"$SCENARIO/deploy/build.sh" v1
kubectl create namespace "$NAMESPACE"
fill service.yaml v1 | kube apply -f -
deployment v1 | kube apply -f -
kube rollout status deployment/shop --timeout 60s
# For who looks for the cause: when which pod was in the Service.
start endpoints bash -c 'kubectl --namespace "$0" get endpoints shop --watch -o "jsonpath={.subsets[*].addresses[*].targetRef.name}{\"\\n\"}" |
  while read -r pods; do echo "$EPOCHREALTIME $pods"; done' "$NAMESPACE"
wait_for_http "http://127.0.0.1:$PORT/healthz" 20 '"v1"'
# Without a readiness probe one of the pods may answer, and another still boot.
all_answer() {
  for _ in {1..30}; do curl -fsS -m 2 -o "$ROOT/run/answer" "http://127.0.0.1:$PORT/healthz" || return 1; done
}
end=$((SECONDS + 20))
until all_answer 2>/dev/null; do
  [ $SECONDS -lt $end ] || fail "not all pods of v1 answer"
  sleep 0.2
done
