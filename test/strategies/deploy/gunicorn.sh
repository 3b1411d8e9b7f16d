#!/usr/bin/env bash
# gunicorn on PORT+1, out of `current`; nginx before it on PORT.
. "$(dirname "$0")/common.sh"
need nginx nginx
/usr/bin/python3 -c 'import gunicorn' || fail "gunicorn is missing. On Debian or Ubuntu: scripts/install-systems --only gunicorn"
prepare_root
release v1 "$(app_of wsgi)"
point_to v1
# A sync worker has one request at a time.
start gunicorn /usr/bin/python3 -m gunicorn --chdir "$ROOT/current" --pid "$ROOT/run/master.pid" \
  --bind "127.0.0.1:$((PORT + 1))" --workers 10 --graceful-timeout 10 shop:app
wait_for_http "http://127.0.0.1:$((PORT + 1))/healthz" 15 v1
mkdir -p "$ROOT/nginx"
write "$ROOT/nginx/nginx.conf" <<CONF
daemon off;
pid nginx.pid;
error_log $ROOT/log/nginx-error.log notice;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  keepalive_timeout 300s;
  server {
    listen 127.0.0.1:$PORT;
    location / { proxy_pass http://127.0.0.1:$((PORT + 1)); }
  }
}
CONF
start nginx nginx -e stderr -p "$ROOT/nginx/" -c nginx.conf
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
