#!/usr/bin/env bash
# Ends everything that runs out of ROOT, however far the start came.
. "$(dirname "$0")/common.sh"
(stop docker-events) || true # what follows is none of the release
if engine_answers; then
  for service in blue green; do
    (compose --profile "$service" logs --no-color "$service" >"$ROOT/log/$service.log" 2>&1) || true
  done
fi
end_engine
stop_all
say "nothing is left running"
