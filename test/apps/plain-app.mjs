#!/usr/bin/env node
/**
 * A small web app to deploy: answers everything with its version. Environment: PORT, VERSION (also header
 * `x-release`), PIDFILE (written once it listens), BOOT_MS (time before it listens), GRACEFUL=1 (on SIGTERM it
 * announces the close of every connection, and ends when the last one is closed; else it dies at once).
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { PORT = '0', VERSION = 'v1', PIDFILE, BOOT_MS = '0', GRACEFUL } = process.env;
/** Long enough for every client of a test to hear of the close on an answer. */
const DRAIN_MS = 1000;
let draining = false;

const server = createServer((request, response) => {
  response.setHeader('x-release', VERSION);
  response.setHeader('content-type', 'application/json');
  if (draining) response.setHeader('connection', 'close');
  response.end(JSON.stringify({ version: VERSION, path: request.url }));
});
server.keepAliveTimeout = 60_000;

if (GRACEFUL === '1') {
  process.on('SIGTERM', () => {
    draining = true;
    setTimeout(() => server.close(() => process.exit(0)), DRAIN_MS);
  });
}

setTimeout(() => {
  server.listen(Number(PORT), '127.0.0.1', () => {
    if (PIDFILE) writeFileSync(PIDFILE, String(process.pid));
  });
}, Number(BOOT_MS));
