// Takes orders and promises a receipt within some seconds; a worker sends it. LISTEN is a port on 127.0.0.1.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { Queue } from 'bullmq';
import { connection, name } from './queue.mjs';
import { payload } from './receipts.mjs';

const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const promisedWithinMs = 6_000;
const queue = new Queue(name, { connection });
let inFlight = 0;
let stopping = false;

const server = http.createServer((request, response) => {
  inFlight += 1;
  response.once('close', () => {
    inFlight -= 1;
    if (!response.writableFinished) log({ event: 'interrupted', url: request.url });
    if (stopping && inFlight === 0) exit();
  });
  request.resume();
  answer(request).then(
    (reply) => send(response, reply),
    (error) => send(response, { status: 500, body: { error: error.message } }),
  );
});
server.keepAliveTimeout = 75_000;

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://shop');
  const id = /^\/orders\/([\w-]{1,64})$/.exec(pathname)?.[1];
  if (request.method === 'GET' && id !== undefined) return receipt(id);
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return { status: 200, body: { shop: 'open' } };
    case 'GET /healthz':
      await connection.ping();
      return { status: 200, body: { status: 'ok' } };
    case 'POST /orders':
      return order(request.headers['idempotency-key']);
    default:
      return { status: 404, body: { error: 'not found' } };
  }
}

// BullMQ adds a job with an id it knows only once.
async function order(key = '') {
  const jobId = /^[\w-]{1,64}$/.test(key) ? key : randomUUID();
  await queue.add('send', payload(3900), { jobId });
  return { status: 202, body: { id: jobId } };
}

// 200 while the promise holds, 410 where the receipt failed or is late.
async function receipt(id) {
  const job = await queue.getJob(id);
  if (!job) return { status: 404, body: { error: 'no such order' } };
  const state = await job.getState();
  if (state === 'completed') return { status: 200, body: { id, state: 'sent' } };
  const late = Date.now() - job.timestamp > promisedWithinMs;
  return { status: state === 'failed' || late ? 410 : 200, body: { id, state: late ? 'late' : state } };
}

function send(response, { status, body }) {
  const text = JSON.stringify({ ...body, version });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-release': version,
  });
  response.end(text);
}

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

server.listen(Number(process.env.LISTEN), '127.0.0.1', () => log({ event: 'listening' }));
