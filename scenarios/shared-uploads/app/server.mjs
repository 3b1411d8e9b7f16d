// Keeps what users upload.
//   LISTEN   a port on 127.0.0.1
//   UPLOADS  the folder of the uploads
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';

const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const { LISTEN, UPLOADS } = process.env;
const maxBytes = 4 * 2 ** 20;
mkdirSync(UPLOADS, { recursive: true });
let inFlight = 0;
let stopping = false;

const server = http.createServer((request, response) => {
  inFlight += 1;
  response.once('close', () => {
    inFlight -= 1;
    if (!response.writableFinished) log({ event: 'interrupted', url: request.url });
    if (stopping && inFlight === 0) exit();
  });
  answer(request).then(
    (reply) => send(response, reply),
    (error) => send(response, { status: 500, body: JSON.stringify({ error: error.message }) }),
  );
});
server.keepAliveTimeout = 75_000;

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://uploads');
  const id = /^\/uploads\/([0-9a-f-]{36})$/.exec(pathname)?.[1];
  if (request.method === 'GET' && id !== undefined) return read(id);
  switch (`${request.method} ${pathname}`) {
    case 'GET /healthz':
    case 'GET /':
      return { status: 200, body: JSON.stringify({ status: 'ok', version }) };
    case 'POST /uploads':
      return upload(request);
    default:
      return { status: 404, body: '{"error":"not found"}' };
  }
}

async function upload(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > maxBytes) return { status: 413, body: '{"error":"too large"}' };
    chunks.push(chunk);
  }
  const id = idOf(request.headers['idempotency-key']);
  const temporary = path.join(UPLOADS, `.${randomUUID()}`);
  await writeFile(temporary, Buffer.concat(chunks));
  await rename(temporary, path.join(UPLOADS, id));
  return { status: 201, body: JSON.stringify({ id }) };
}

/** An upload that is sent again keeps its id. */
function idOf(key = '') {
  return /^[0-9a-f-]{36}$/.test(key) ? key : randomUUID();
}

async function read(id) {
  try {
    return { status: 200, type: 'application/octet-stream', body: await readFile(path.join(UPLOADS, id)) };
  } catch {
    log({ event: 'upload missing', id });
    return { status: 404, body: '{"error":"no such upload"}' };
  }
}

function send(response, { status, type = 'application/json', body }) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'x-release': version });
  response.end(body);
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

server.listen(Number(LISTEN), '127.0.0.1', () => log({ event: 'listening', uploads: UPLOADS }));
