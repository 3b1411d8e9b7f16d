// A service with connections that live long: a WebSocket that echoes, a stream of events, uploads.
// Settings: LISTEN (port), EVENTS (file of the feed), REPLAY=off (no event is sent again).
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { EventLog } from './event-log.mjs';

const { LISTEN, EVENTS, REPLAY = 'on' } = process.env;
const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
// Clients are told to go at a random moment of this time, so that they do not all come back at once.
const farewellMs = 1_000;
const streams = new Set();
const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
let draining = false;
let uploads = 0;

const events = new EventLog(EVENTS, (event) => {
  for (const response of streams) sendEvent(response, event);
});

const server = http.createServer((request, response) => {
  response.setHeader('x-release', version);
  if (draining) response.setHeader('connection', 'close');
  answer(request, response).catch((error) => {
    log({ event: 'error', url: request.url, message: error.message });
    response.destroy();
  });
});

async function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://service');
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return send(
        response,
        200,
        'text/html; charset=utf-8',
        `<!doctype html><title>Prices</title><h1>Prices ${version}</h1>`,
      );
    case 'GET /api/items':
      return json(response, 200, { items: [{ sku: 'A1', name: 'Kettle' }] });
    case 'POST /api/orders':
      request.resume();
      await once(request, 'end');
      await delay(100); // a payment provider's answer
      return json(response, 201, { by: version });
    case 'GET /slow':
      await delay(Math.min(Number(searchParams.get('ms') ?? 1000), 30_000));
      return json(response, 200, { slept: true });
    case 'GET /events':
      return stream(request, response);
    case 'POST /upload':
      return upload(request, response);
    case 'GET /healthz':
      return json(response, 200, { status: 'ok', version });
    default:
      return json(response, 404, { error: 'not found' });
  }
}

// What came after the client's last event is sent first, then the others as they come; nothing can slip in between.
function stream(request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 250\n\n');
  const asked = request.headers['last-event-id'];
  const lastId = asked === undefined ? events.lastId : Number(asked);
  // The mistake of BREAK=no-replay: the stream goes on from now, whatever the client has seen last.
  const { events: missed, missing } =
    REPLAY === 'off' ? { events: [], missing: events.lastId - lastId } : events.after(lastId);
  for (const event of missed) sendEvent(response, event);
  log({ event: 'stream', resumed: asked !== undefined, replayed: missed.length, missing });
  streams.add(response);
  response.once('close', () => streams.delete(response));
}

function sendEvent(response, { id, ...data }) {
  response.write(`id: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
}

// The body is hashed as it comes. The answer says what arrived.
async function upload(request, response) {
  const hash = createHash('sha256');
  let bytes = 0;
  uploads += 1;
  try {
    for await (const piece of request) {
      hash.update(piece);
      bytes += piece.length;
    }
    json(response, 201, { sha256: hash.digest('hex'), bytes });
  } catch (error) {
    log({ event: 'upload cut', bytes, message: error.message });
  } finally {
    uploads -= 1;
  }
}

server.on('upgrade', (request, socket, head) => {
  if (request.url !== '/ws') return socket.destroy();
  sockets.handleUpgrade(request, socket, head, (client) => {
    client.on('message', (data) => client.send(data.toString()));
    client.on('close', (code) => log({ event: 'websocket closed', code }));
    client.on('error', (error) => log({ event: 'websocket error', message: error.message }));
  });
});

// Everybody who could stay for hours is told to go: WebSockets by code 1001, streams by their end (`retry` said how long
// to wait). Uploads and requests are finished. Then nothing is left, and the process ends.
process.once('SIGTERM', async () => {
  draining = true;
  log({ event: 'draining', websockets: sockets.clients.size, streams: streams.size, uploads });
  const closed = once(server, 'close');
  server.close();
  const goodbyes = [
    ...[...sockets.clients].map((client) => () => client.close(1001, 'release')),
    ...[...streams].map((response) => () => response.end()),
  ];
  for (const goodbye of goodbyes) setTimeout(goodbye, Math.random() * farewellMs);
  const sweep = setInterval(() => server.closeIdleConnections(), 100);
  await closed;
  clearInterval(sweep);
  events.close();
  log({ event: 'exit', websockets: sockets.clients.size, streams: streams.size, uploads });
});

function json(response, status, value) {
  send(response, status, 'application/json', JSON.stringify(value));
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function log(fields) {
  console.log(JSON.stringify({ at: new Date().toISOString(), pid: process.pid, version, ...fields }));
}

server.listen(Number(LISTEN), '127.0.0.1', () => log({ event: 'listening', on: LISTEN }));
