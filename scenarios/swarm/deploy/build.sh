#!/usr/bin/env bash
# The image of $RELEASE, called $IMAGE.
. "$(dirname "$0")/common.sh"
build_image "$RELEASE" "$IMAGE"
