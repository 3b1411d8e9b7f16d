#!/usr/bin/env bash
# nginx on PORT, before the upstream or the split that the scenario is about, with blue (PORT+1) serving v1.
. "$(dirname "$0")/common.sh"
need nginx nginx
prepare_root
release v1 "$SHARED/app"
mkdir -p "$ROOT/nginx"
write "$ROOT/nginx/nginx.conf" <<CONF
daemon off;
pid nginx.pid;
error_log $ROOT/log/nginx-error.log notice;
events { worker_connections 1024; }
http {
  log_format release '\$status upstream=\$upstream_status \$request_method \$request_uri \$request_time';
  access_log $ROOT/log/nginx-access.log release;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  # nginx before 1.27.4 closes idle connections at a reload, and with one a POST that is just on its way.
  keepalive_timeout 0;
  upstream blue { server 127.0.0.1:$((PORT + 1)) max_fails=0; }
  upstream green { server 127.0.0.1:$((PORT + 2)) max_fails=0; }
  upstream live { include live.conf; }
  include split.conf;
  server {
    listen 127.0.0.1:$PORT;
    location / {
      proxy_pass http://\$app;
      proxy_set_header Host \$http_host;
    }
  }
}
CONF
printf 'server 127.0.0.1:%s max_fails=0;\n' $((PORT + 1)) | write "$ROOT/nginx/live.conf"
# The scenario of the blue-green upstream has one; that of the canary divides between blue and green.
write "$ROOT/nginx/split.conf" <<CONF
split_clients "\$request_id" \$app {
  * ${1:-live};
}
CONF
start blue env LISTEN=$((PORT + 1)) node "$ROOT/releases/v1/server.mjs"
wait_for_http "http://127.0.0.1:$((PORT + 1))/healthz" 10 '"v1"'
start nginx nginx -e stderr -p "$ROOT/nginx/" -c nginx.conf
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
