#!/usr/bin/env bash
# Starts the cluster where none runs, makes the image of the pods in its engine, and runs the tests in its network: there is
# no registry in that one. `scripts/cluster stop` ends it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
scripts/cluster start
(
  eval "$(scripts/cluster env)"
  engine=$DOCKER_HOST base=local/zdd-base:$(node --version)
  ROOT=$(mktemp -d) && export ROOT
  trap 'rm -rf "$ROOT"' EXIT
  # Of this machine's Node, as the scenarios make it, with the libraries that the report's canvas needs: nothing is fetched.
  . scenarios/shared/lib.sh
  . "$SHARED/docker.sh"
  export DOCKER_HOST=$engine DOCKER_BUILDKIT=0
  image "$base" node
  mkdir "$ROOT/base"
  ldd node_modules/@napi-rs/canvas-linux-*/*.node | grep -o '/[^ )]*' | grep -v ':$' | sort -u | xargs cp -L --parents -t "$ROOT/base"
  printf 'FROM %s\nCOPY . /\n' "$base" >"$ROOT/base/Dockerfile"
  docker build --quiet --tag "$base" "$ROOT/base"
  scripts/image zdd-verify-kubectl:0.1.0 --base "$base"
)
scripts/cluster run -- node_modules/.bin/vitest run --project cluster
