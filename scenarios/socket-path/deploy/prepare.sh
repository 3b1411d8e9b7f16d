#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
prepare_root
mkdir -p "$ROOT/nginx/tmp"
release v1
start_app v1
answering "$(socket_of v1)" v1
hand_over v1
write "$ROOT/nginx/nginx.conf" <<CONF
daemon off;
pid $ROOT/run/nginx-master.pid;
error_log $ROOT/log/nginx-error.log;
events { worker_connections 1024; }
http {
  client_body_temp_path tmp/body; proxy_temp_path tmp/proxy; fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi; scgi_temp_path tmp/scgi;
  log_format zdd '\$status \$upstream_status \$request_method \$request_uri \$request_time';
  access_log $ROOT/log/nginx-access.log zdd;
  keepalive_requests 100000;
  server {
    listen 127.0.0.1:$PORT;
    location / {
      proxy_pass http://unix:$PUBLIC;
      # A failed connect is not tried again: there is one path, and the user should see what it does.
      proxy_next_upstream off;
    }
  }
}
CONF
nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf" -t -q
start nginx nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c "$ROOT/nginx/nginx.conf"
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
