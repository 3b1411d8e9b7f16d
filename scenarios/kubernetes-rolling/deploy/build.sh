#!/usr/bin/env bash
# Usage: build.sh RELEASE: a container image of it. There is no registry: the node's engine builds it.
. "$(dirname "$0")/common.sh"
release "$1" "$SHARED/app"
# A release that does not even start.
case $BREAK:$1 in
  bad-release:v2) printf '{ "version": "%s", "broken": "crash-at-start" }\n' "$1" | write "$ROOT/releases/$1/release.json" ;;
esac
printf 'FROM %s\nCOPY . /srv/app\n' "$BASE_IMAGE" | write "$ROOT/releases/$1/Dockerfile"
timeout 60 docker build -q -t "$(image_of "$1")" "$ROOT/releases/$1"
