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
      // The mistake of BREAK=fork: one process owns the port, and "reload" can only stop it and start the next one.
      exec_mode: BREAK === 'fork' ? 'fork' : 'cluster',
      instances: BREAK === 'fork' ? 1 : 2,
      wait_ready: true, // ready is what the app says after a first query, not the open port
      // Far above the start time: when it runs out PM2 ends the old worker, ready or not. BREAK=slow-boot: 8 s are needed.
      listen_timeout: BREAK === 'slow-boot' ? 1_000 : 8_000,
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
        // BREAK=no-drain: exit at once. BREAK=sync-exit: write the cache to disk with writeFileSync, which takes 0.5 s, and
        // exit. The worker answers nobody meanwhile, and PM2's daemon hands it a connection that no one will ever look at.
        DRAIN: { 'no-drain': 'off', 'sync-exit': 'sync' }[BREAK] ?? 'on',
      },
    },
  ],
};
