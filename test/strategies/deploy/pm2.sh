#!/usr/bin/env bash
# PM2 from npm, with a home of its own, and two workers of the app out of `current` on PORT.
. "$(dirname "$0")/common.sh"
prepare_root
npm install --prefix "$ROOT/pm2" --no-save --no-audit --no-fund --ignore-scripts --silent pm2@7.0.4
BROKEN= RELEASE=v1 "$(dirname "$0")/build-pm2.sh"
point_to v1
write "$ROOT/ecosystem.config.cjs" <<JS
module.exports = {
  apps: [
    {
      name: 'shop',
      script: '$ROOT/current/server.cjs',
      cwd: '$ROOT',
      exec_mode: 'cluster',
      instances: 2,
      wait_ready: true,
      listen_timeout: 5000,
      kill_timeout: 12000,
      max_restarts: 2,
      treekill: false,
      pmx: false,
      vizion: false,
      env: { LISTEN: '$PORT' },
    },
  ],
};
JS
"$ROOT/pm2/node_modules/.bin/pm2" start "$ROOT/ecosystem.config.cjs"
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
