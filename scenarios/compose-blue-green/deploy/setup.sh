#!/usr/bin/env bash
# Before the release: an engine, and v1 as blue behind nginx.
. "$(dirname "$0")/common.sh"
need curl tools
need node node
end_engine # of a run that was killed
prepare_root
start_engine
start docker-events docker events --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter event=create --filter event=start --filter event=kill \
  --filter event=die --filter event=health_status --format \
  '{{.TimeNano}} {{.Action}} service={{index .Actor.Attributes "com.docker.compose.service"}} image={{.Actor.Attributes.image}} signal={{.Actor.Attributes.signal}} exitCode={{.Actor.Attributes.exitCode}}'
image local/node:base node
mkdir "$ROOT/source" "$ROOT/compose"
cp -R "$SHARED/app/." "$SCENARIO/app/." "$ROOT/source"
chmod 777 "$ROOT/shared" # the shop is another user in its container
cp "$SCENARIO/compose/docker-compose.yml" "$ROOT/compose"
case $BREAK in
  no-healthcheck) sed -i '/^  healthcheck:/,/start_period/d' "$ROOT/compose/docker-compose.yml" ;;
  ignores-term) cp "$SCENARIO/compose/ignores-term.yml" "$ROOT/compose/docker-compose.override.yml" ;;
esac
printf '%s\n' BLUE_RELEASE=v1 GREEN_RELEASE=v1 | write "$ROOT/compose/.env"
build v1
up blue v1
is_healthy blue
configure_nginx
upstream blue
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
