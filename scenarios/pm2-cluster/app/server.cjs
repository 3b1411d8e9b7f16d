'use strict';
// The shop: one process of the PM2 cluster. CommonJS on purpose: PM2 loads ES modules by import(), and a module that
// throws there leaves a worker that hangs but counts as online; a failing require() ends it, which is what a crash should do.
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { Pool } = require('pg');
const catalog = require('./catalog.cjs');
const { Drain } = require('./drain.cjs');
const { version, bootMs, assets } = require('./release.json');

const paymentMs = 100;
const maxBodyBytes = 64 * 1024;
const home = fs
  .readFileSync(path.join(__dirname, 'home.html'), 'utf8')
  .replaceAll('{{style}}', `/assets/${assets['style.css']}`);

const pool = new Pool({ max: 10, application_name: `shop ${version}` });
// An idle connection that the database closes emits here; without a listener it would end the process.
pool.on('error', (error) => console.error('database connection lost:', error.message));

const server = http.createServer((request, response) => {
  drain.track(response);
  answer(request).then(
    (reply) => send(response, reply),
    (error) => {
      console.error(`${request.method} ${request.url}: ${error.message}`);
      send(response, json(500, { error: 'internal error' }));
    },
  );
});
// Longer than any client keeps a connection idle: the client, not the server, ends idle connections in normal service.
server.keepAliveTimeout = 75_000;

const drain = new Drain(server, {
  enabled: process.env.DRAIN === 'on',
  blockMs: process.env.DRAIN === 'sync' ? 500 : 0,
  release: () => pool.end(),
});

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://shop');
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return { status: 200, type: 'text/html; charset=utf-8', body: home };
    case 'GET /api/items':
      return json(200, { items: await catalog.items(pool) });
    case 'POST /api/orders':
      return order(await readJson(request));
    case 'GET /healthz':
      await pool.query('SELECT 1');
      return json(200, { status: 'ok', version });
    default:
      return pathname.startsWith('/assets/') && request.method === 'GET'
        ? asset(pathname)
        : json(404, { error: 'not found' });
  }
}

// A payment provider's answer is waited for, then the order is written: a request that a careless stop cuts in two.
async function order(body) {
  const quantity = body?.quantity ?? 1;
  if (typeof body?.sku !== 'string' || !Number.isInteger(quantity) || quantity < 1)
    return json(400, { error: 'sku and quantity expected' });
  await delay(paymentMs);
  const { rows } = await pool.query(
    `INSERT INTO orders (sku, quantity, total_cents, placed_by)
     SELECT sku, $2::integer, price_cents * $2::integer, $3 FROM items WHERE sku = $1 RETURNING id`,
    [body.sku, quantity, version],
  );
  return rows.length === 0 ? json(404, { error: 'no such sku' }) : json(201, { id: rows[0].id });
}

// Assets of every release lie in one shared folder under names that carry their hash: a page from the old release
// still finds its style when the next request reaches the new one.
async function asset(pathname) {
  const name = path.basename(pathname);
  const body = await fs.promises.readFile(path.join(process.env.ASSETS, name)).catch(() => null);
  return body === null ? json(404, { error: 'not found' }) : { status: 200, type: 'text/css; charset=utf-8', body };
}

function send(response, { status, type, body }) {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'x-release': version,
    ...(drain.announced && { connection: 'close' }),
  });
  response.end(body);
}

function json(status, value) {
  return { status, type: 'application/json', body: JSON.stringify(value) };
}

async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null;
  }
}

async function start() {
  // Ready means: the database answers. The first request finds a connection made.
  await pool.query('SELECT 1');
  await delay(bootMs);
  server.listen(Number(process.env.PORT), '127.0.0.1', () => {
    console.log(`${process.pid} ${version} listens`);
    process.send?.('ready');
  });
}

start().catch((error) => {
  console.error('cannot start:', error.message);
  process.exit(1);
});
