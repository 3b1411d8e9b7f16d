#!/usr/bin/env bash
# Ends everything that runs out of ROOT, however far the start came.
. "$(dirname "$0")/common.sh"
if engine_answers; then
  # For who looks for the cause: what became of each task, and of the service.
  timeout 10 docker service ps --no-trunc --format '{{.Name}} {{.Image}} wanted={{.DesiredState}} is={{.CurrentState}} {{.Error}}' shop \
    >"$ROOT/log/service-ps.log" || true
  timeout 10 docker service inspect shop >"$ROOT/log/service.json" || true
fi
end_engine
stop_all
say "nothing is left running"
