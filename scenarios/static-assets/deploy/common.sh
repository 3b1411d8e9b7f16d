# Sourced by every step: how a release of the site is built, and the nginx that serves it.
# shellcheck shell=bash
. "$(dirname "$0")/../../shared/lib.sh"
one_of "${BREAK:=none}" none old-removed unhashed
umask 022

# build VERSION: the pages and assets of a release. An asset's name carries the hash of its content, in the page and on disk.
build() {
  local staging asset name
  [ ! -e "$ROOT/releases/$1" ] || fail "release $1 exists already: releases are never changed"
  staging=$(mktemp -d "$ROOT/releases/.$1-XXXXXX")
  chmod 755 "$staging"
  mkdir "$staging/assets"
  cp "$SCENARIO/app/$1/index.html" "$staging"/
  for asset in app.js chart.js style.css; do
    name=${asset%.*}.$(sha256sum "$SCENARIO/app/$1/$asset" | cut -c 1-12).${asset##*.}
    # The mistake of BREAK=unhashed: the same name for other content.
    case $BREAK in unhashed) name=$asset ;; esac
    cp "$SCENARIO/app/$1/$asset" "$staging/assets/$name"
    sed -i "s|/assets/$asset|/assets/$name|" "$staging/index.html"
  done
  # Into the folder all releases share, before a page names them; what older pages name stays.
  case $BREAK in none) mkdir -p "$ROOT/shared/assets" && cp "$staging"/assets/* "$ROOT/shared/assets"/ ;; esac
  mv -T "$staging" "$ROOT/releases/$1"
  say "built $ROOT/releases/$1: $(cd "$ROOT/releases/$1/assets" && echo *)"
}

start_nginx() {
  local assets=$ROOT/shared
  # The mistake of BREAK=old-removed: only the release that is live has its assets. (Without hashes it cannot be another way.)
  case $BREAK in old-removed | unhashed) assets=$ROOT/current ;; esac
  mkdir -p "$ROOT/nginx"
  write "$ROOT/nginx/nginx.conf" <<CONF
daemon off;
pid $ROOT/nginx/nginx.pid;
worker_processes 1;
error_log $ROOT/log/nginx-error.log;
events { worker_connections 1024; }
http {
  types { text/html html; text/css css; text/javascript js; }
  default_type application/octet-stream;
  log_format plain '\$time_iso8601 \$status \$request_method \$request_uri \$body_bytes_sent \$request_time';
  access_log $ROOT/log/nginx-access.log plain;
  client_body_temp_path $ROOT/nginx/body;
  proxy_temp_path $ROOT/nginx/proxy;
  fastcgi_temp_path $ROOT/nginx/fastcgi;
  uwsgi_temp_path $ROOT/nginx/uwsgi;
  scgi_temp_path $ROOT/nginx/scgi;
  keepalive_timeout 75s;
  keepalive_requests 100000;
  server {
    listen 127.0.0.1:$PORT;
    # Through the link, which is read anew for each request: the switch needs no reload.
    root $ROOT/current;
    location / { add_header Cache-Control no-cache; }
    location /assets/ {
      root $assets;
      add_header Cache-Control "public, max-age=31536000, immutable";
    }
    # Slow, so that some are under way at the switch.
    location /downloads/ { root $ROOT/shared; limit_rate 128k; }
  }
}
CONF
  nginx -e "$ROOT/log/nginx-error.log" -t -q -p "$ROOT/nginx/" -c nginx.conf
  start nginx nginx -e "$ROOT/log/nginx-error.log" -p "$ROOT/nginx/" -c nginx.conf
}
