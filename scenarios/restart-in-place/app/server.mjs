// A small shop in one process, without a proxy. SIGUSR2 makes it start its successor out of `current`; that one boots
// first and then takes the listening socket itself, so that connections wait in the kernel's queue, never nowhere.
// SIGTERM is left to Node, which ends at once.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const { ROOT, PORT, DRAIN_LIMIT_MS } = process.env;
const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const bootMs = 500;
// How long every answer says `Connection: close` before idle connections are ended: longer than a busy client leaves
// one idle, so that none sends a request into a connection that is being closed.
const announceMs = 2_000;
const exportMs = 1_000;
const exportLines = 400;
let draining = false;
let inFlight = 0;
let whenIdle = () => {};
let successor = null;

const server = http.createServer((request, response) => {
  inFlight += 1;
  response.once('close', () => {
    inFlight -= 1;
    if (inFlight === 0) whenIdle();
  });
  response.setHeader('x-release', version);
  if (draining) response.setHeader('connection', 'close');
  const url = new URL(request.url, 'http://shop');
  answer(request, response, url).catch((error) => {
    log({ event: 'error', url: url.pathname, message: error.message });
    response.destroy();
  });
});
// Longer than any client keeps a connection idle.
server.keepAliveTimeout = 75_000;

async function answer(request, response, { pathname }) {
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return send(
        response,
        200,
        'text/html; charset=utf-8',
        `<!doctype html><title>Shop</title><h1>Shop ${version}</h1>`,
      );
    case 'GET /api/items':
      return json(response, 200, { items: [{ sku: 'A1', name: 'Kettle' }], version });
    case 'POST /api/orders':
      request.resume();
      await once(request, 'end');
      await delay(100); // a payment provider's answer
      return json(response, 201, { by: version });
    case 'GET /export':
      return sendExport(response);
    case 'GET /healthz':
      return json(response, 200, { status: 'ok', version });
    default:
      return json(response, 404, { error: 'not found' });
  }
}

// A report whose length is said first, and whose lines come as they are read from the database.
async function sendExport(response) {
  const line = `${'sku;name;price'.padEnd(127)}\n`;
  response.writeHead(200, { 'content-type': 'text/csv', 'content-length': exportLines * line.length });
  const pieces = 40;
  for (let piece = 0; piece < pieces; piece += 1) {
    response.write(line.repeat(exportLines / pieces));
    await delay(exportMs / pieces);
  }
  response.end();
}

function json(response, status, value) {
  send(response, status, 'application/json', JSON.stringify(value));
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

// The successor asks for the socket once it has booted. One that dies before changes nothing: this process serves on.
process.on('SIGUSR2', () => {
  if (successor !== null) return;
  successor = fork(path.join(ROOT, 'current', 'server.mjs'), { detached: true });
  successor.once('exit', (code, signal) => {
    log({ event: 'successor died', code, signal });
    successor = null;
  });
  successor.on('message', (message) => {
    if (message === 'booted') successor.send('socket', server);
    if (message === 'listening') drainAndExit();
  });
});

async function drainAndExit() {
  successor.removeAllListeners('exit');
  successor.disconnect();
  draining = true;
  log({ event: 'draining', inFlight });
  // Only the listening part: http.Server.close() would also close idle connections, just as clients reuse them. The
  // socket itself lives on in the successor, with every connection that waits in its queue.
  net.Server.prototype.close.call(server);
  setTimeout(exit, Number(DRAIN_LIMIT_MS));
  await delay(announceMs);
  if (inFlight > 0) await new Promise((resolve) => (whenIdle = resolve));
  server.closeIdleConnections();
  exit();
}

function exit() {
  log({ event: 'exit', inFlight });
  process.exit(0);
}

function log(fields) {
  console.log(JSON.stringify({ at: new Date().toISOString(), pid: process.pid, version, ...fields }));
}

const pidFile = path.join(ROOT, 'run', 'successor.pid');
writeFileSync(pidFile, `${process.pid}\n`);
await delay(bootMs);
if (process.connected) {
  process.once('message', (_message, socket) => server.listen(socket));
  process.send('booted');
} else {
  server.listen(Number(PORT), '127.0.0.1');
}
await once(server, 'listening');
renameSync(pidFile, path.join(ROOT, 'run', 'app.pid'));
log({ event: 'listening', inherited: process.connected === true });
if (process.connected) process.send('listening');
