// A small shop that the scenarios about proxies release: node:http and nothing else. `release.json` beside it says which
// release it is, and what is wrong with it:
//   version   what it calls itself
//   broken    crash-at-start, or crash-on-request (500 to everything but the health checks)
//   failShare the share of requests that it answers with 500, 0 to 1; its health check notices nothing
//   crashAfter  how many requests it answers before it crashes
// Settings come from the environment, so that a mistake can be made without another app:
//   LISTEN    a port on 127.0.0.1, ADDRESS:PORT, or the path of a Unix socket
//   BOOT_MS   how long it takes from its start until it listens
//   LOAD_MS   how long it then answers everything with 503, until its data is loaded
//   WARM_MS   the answers of the first 3 s take that much longer
//   JITTER_MS one answer in 20 takes longer, up to that much
//   PAY_MS    how long the payment of an order takes (100)
//   ORDERS    the file all instances share; one line an order. While ORDERS.lock is there, writers wait
//   STOP      what SIGTERM does: drain (default: finish what was begun, then exit), exit (at once)
//   FLUSH_MS  before either it writes its state to disk for so long, and does nothing else
//   ANNOUNCE_MS  while draining, how long it goes on listening and answers with `Connection: close`
// A release that brings a `routes.mjs` is asked there first: `answer(request, url, { json, readJson, version })` gives an
// answer, or null for a route that is not its own.
import { appendFileSync, chmodSync, closeSync, existsSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import http from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const release = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const { version, broken = null, failShare = 0, crashAfter = Number.POSITIVE_INFINITY } = release;
const { LISTEN = '0', ORDERS = '', STOP = 'drain' } = process.env;
const BOOT_MS = milliseconds('BOOT_MS', 0);
const LOAD_MS = milliseconds('LOAD_MS', 0);
const WARM_MS = milliseconds('WARM_MS', 0);
const JITTER_MS = milliseconds('JITTER_MS', 0);
const PAY_MS = milliseconds('PAY_MS', 100);
const FLUSH_MS = milliseconds('FLUSH_MS', 0);
const ANNOUNCE_MS = milliseconds('ANNOUNCE_MS', 0);
const WARM_FOR_MS = 3_000;
const routesFile = new URL('routes.mjs', import.meta.url);
const routes = existsSync(routesFile) ? await import(routesFile) : null;
const LONGEST_MS = 30_000;

const orders = new Map();
let draining = false;
let inFlight = 0;
let whenIdle = () => {};
let answered = 0;
let listeningSince = Number.POSITIVE_INFINITY;

const server = http.createServer((request, response) => {
  inFlight += 1;
  response.once('close', () => {
    inFlight -= 1;
    if (!response.writableFinished) log({ event: 'interrupted', method: request.method, url: request.url });
    if (inFlight === 0) whenIdle();
  });
  answer(request).then(
    (reply) => send(response, reply),
    (error) => send(response, json(500, { error: error.message })),
  );
});
// The proxy in front closes idle connections first, so that none is closed under a request.
server.keepAliveTimeout = 75_000;

async function answer(request) {
  const url = new URL(request.url, 'http://shop');
  const own = await routes?.answer(request, url, { json, readJson, version });
  if (own) return own;
  const route = `${request.method} ${url.pathname}`;
  const age = performance.now() - listeningSince;
  if (route === 'GET /livez') return json(200, { status: 'alive', version });
  if (age < LOAD_MS) return json(503, { status: 'loading', version });
  if (route === 'GET /healthz') {
    return draining ? json(503, { status: 'draining', version }) : json(200, { status: 'ok', version });
  }
  answered += 1;
  if (answered > crashAfter) process.exit(1);
  if (broken === 'crash-on-request') throw new Error('this release is broken');
  if (Math.random() < failShare) throw new Error('this release fails now and then');
  if (age < WARM_FOR_MS) await delay(WARM_MS);
  if (Math.random() < 0.05) await delay(Math.random() * JITTER_MS);
  const order = /^\/api\/orders\/([\w-]+)$/.exec(url.pathname);
  if (request.method === 'GET' && order !== null) return readOrder(order[1]);
  switch (route) {
    case 'GET /':
      return {
        status: 200,
        type: 'text/html; charset=utf-8',
        body: `<!doctype html><title>Shop</title><h1>Shop ${version}</h1>`,
      };
    case 'GET /api/items':
      return json(200, { items: [{ sku: 'A1', name: 'Kettle', price: 3900 }], version });
    case 'POST /api/orders':
      return placeOrder(request);
    case 'GET /api/orders':
      return listOrders();
    case 'GET /slow':
      await delay(Math.min(Number(url.searchParams.get('ms') ?? 1000), LONGEST_MS));
      return json(200, { slept: true, version });
    default:
      return json(404, { error: 'not found' });
  }
}

// The order is written, then paid. A request that comes again with its key gets the order that was placed the first time.
async function placeOrder(request) {
  const body = await readJson(request);
  if (typeof body?.sku !== 'string') return json(400, { error: 'sku expected' });
  const key = request.headers['idempotency-key'];
  const id = key ?? crypto.randomUUID();
  if (key === undefined || find(id) === null) {
    if (!(await unlocked())) return json(503, { error: 'the orders are locked' });
    const placed = { id, sku: body.sku, by: version };
    orders.set(id, placed);
    if (ORDERS !== '') appendFileSync(ORDERS, `${JSON.stringify(placed)}\n`);
  }
  await delay(PAY_MS);
  return json(201, { id });
}

async function unlocked() {
  const until = performance.now() + LONGEST_MS;
  while (ORDERS !== '' && existsSync(`${ORDERS}.lock`)) {
    if (performance.now() > until) return false;
    await delay(10);
  }
  return true;
}

function readOrder(id) {
  const found = find(id);
  return found === null ? json(404, { error: 'no such order' }) : json(200, found);
}

function listOrders() {
  readOthers();
  return json(200, { orders: [...orders.values()].map(({ id, sku }) => ({ id, sku })) });
}

function find(id) {
  if (!orders.has(id)) readOthers();
  return orders.get(id) ?? null;
}

// Orders of the other instances are in the file: what was added to it since the last look.
const others = { offset: 0, rest: '', decoder: new StringDecoder('utf8'), buffer: Buffer.alloc(65_536) };
function readOthers() {
  if (ORDERS === '' || !existsSync(ORDERS)) return;
  const file = openSync(ORDERS, 'r');
  try {
    for (;;) {
      const bytes = readSync(file, others.buffer, 0, others.buffer.length, others.offset);
      if (bytes === 0) return;
      others.offset += bytes;
      const lines = `${others.rest}${others.decoder.write(others.buffer.subarray(0, bytes))}`.split('\n');
      others.rest = lines.pop();
      for (const order of lines.map((line) => JSON.parse(line))) orders.set(order.id, order);
    }
  } finally {
    closeSync(file);
  }
}

async function readJson(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 65_536) return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function json(status, value) {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

function send(response, { status, type, body }) {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-release': version,
    ...(draining && { connection: 'close' }),
  });
  response.end(body);
}

function log(fields) {
  console.log(JSON.stringify({ at: new Date().toISOString(), pid: process.pid, version, ...fields }));
}

function milliseconds(name, otherwise) {
  const value = Number(process.env[name] || otherwise);
  if (!(value >= 0)) throw new Error(`${name}=${process.env[name]}: expected milliseconds`);
  return value;
}

process.on('SIGTERM', async () => {
  log({ event: 'SIGTERM', inFlight });
  // Synchronous, as such a thing often is: nothing is read or answered meanwhile.
  if (FLUSH_MS > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FLUSH_MS);
  if (STOP === 'exit') {
    log({ event: 'exit', inFlight });
    process.exit(0);
  }
  if (draining) return;
  draining = true;
  if (ANNOUNCE_MS > 0) await delay(ANNOUNCE_MS);
  server.close();
  if (inFlight > 0) await new Promise((resolve) => (whenIdle = resolve));
  server.closeIdleConnections();
  log({ event: 'exit', inFlight });
  process.exit(0);
});

if (broken === 'crash-at-start') throw new Error('this release is broken');
await delay(BOOT_MS);
const listening = () => {
  listeningSince = performance.now();
  if (LISTEN.startsWith('/')) chmodSync(LISTEN, 0o666);
  log({ event: 'listening', on: LISTEN, file: fileURLToPath(import.meta.url) });
};
if (LISTEN.startsWith('/')) {
  rmSync(LISTEN, { force: true });
  server.listen(LISTEN, listening);
} else {
  const [port, address = '127.0.0.1'] = LISTEN.split(':').reverse();
  server.listen(Number(port), address, listening);
}
