// Serves on a Unix socket.
//   LISTEN   the path it binds; libuv removes that very path again when the server is closed
//   BOOT_MS  how long it takes from its start until it listens
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const { LISTEN, BOOT_MS = '500' } = process.env;
let inFlight = 0;
let stopping = false;

const server = http.createServer(async (request, response) => {
  inFlight += 1;
  response.once('close', () => {
    inFlight -= 1;
    if (!response.writableFinished) log({ event: 'interrupted', url: request.url });
    if (stopping && inFlight === 0) exit();
  });
  request.resume();
  const { pathname } = new URL(request.url, 'http://app');
  if (request.method === 'POST') await delay(100);
  if (pathname === '/slow') await delay(2000);
  const body = JSON.stringify({ status: 'ok', version });
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-release': version,
  });
  response.end(body);
});

function log(fields) {
  console.log(JSON.stringify({ at: new Date().toISOString(), version, ...fields }));
}

process.on('SIGTERM', () => {
  stopping = true;
  server.close();
  if (inFlight === 0) exit();
});

function exit() {
  log({ event: 'exit', inFlight });
  process.exit(0);
}

rmSync(LISTEN, { force: true });
await delay(Number(BOOT_MS));
server.listen(LISTEN, () => {
  chmodSync(LISTEN, 0o666);
  log({ event: 'listening', on: LISTEN });
});
