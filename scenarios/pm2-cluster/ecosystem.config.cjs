'use strict';
const { realpathSync } = require('node:fs');
const path = require('node:path');

const { ROOT, PORT, BREAK } = process.env;

// Through the link: PM2 keeps this path as it is written, and Node resolves it each time a worker starts, so that a
// reload runs whatever `current` points to by then. BREAK=no-op resolves the link here, once and for all.
const linked = path.join(ROOT, 'current', 'server.cjs');

module.exports = {
  apps: [
    {
      name: 'shop',
      script: BREAK === 'no-op' ? realpathSync(linked) : linked,
      cwd: ROOT,
      exec_mode: 'cluster',
      instances: 2,
      wait_ready: true, // ready is what the app says after a first query, not the open port
      listen_timeout: 8_000, // far above the start time: when it runs out PM2 ends the old worker, ready or not
      kill_timeout: 12_000, // far above the drain plus the longest request: afterwards comes SIGKILL
      max_restarts: 3,
      min_uptime: 2_000,
      treekill: false, // signal the worker alone; the other way needs `ps`, which slim images lack
      pmx: false,
      vizion: false,
      env: {
        NODE_ENV: 'production',
        PORT,
        ASSETS: path.join(ROOT, 'shared', 'assets'),
        PGHOST: path.join(ROOT, 'postgres'),
        PGUSER: 'postgres',
        PGDATABASE: 'postgres',
        DRAIN: BREAK === 'no-drain' ? 'off' : 'on',
      },
    },
  ],
};
