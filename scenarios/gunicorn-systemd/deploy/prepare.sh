#!/usr/bin/env bash
# Before the release: a systemd with two services, v1 serving, nginx in front.
. "$(dirname "$0")/common.sh"
[ "$(id -u)" -eq 0 ] || fail "a systemd of its own needs root"
need nginx nginx
need systemd-nspawn systemd
/usr/bin/python3 -c 'import gunicorn, flask' ||
  fail "gunicorn or Flask is missing. On Debian or Ubuntu: scripts/install-systems --only gunicorn"

end_machine # of a run that was cut off
prepare_root
release v1
/usr/bin/python3 -m compileall -q "$ROOT/releases/v1"
point_to v1
cp "$SCENARIO/deploy/gunicorn.conf.py" "$ROOT/shared/"
# Releases are compiled when they are built, and never change again.
echo PYTHONDONTWRITEBYTECODE=1 >"$ROOT/shared/environment"
mkdir -p "$ROOT/nginx"
fill "$SCENARIO/nginx/nginx.conf" | write "$ROOT/nginx/nginx.conf"
write "$ROOT/nginx/headers.conf" <"$SCENARIO/nginx/headers-v1.conf"

start_machine
wait_for_http "http://127.0.0.1:$PORT/healthz" 30 '"version":"v1"'
in_machine systemctl is-active gunicorn nginx
note "v1 serves under systemd $(in_machine systemctl --version | sed -n '1s/systemd //p')"
