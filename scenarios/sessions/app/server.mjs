// A shop with a login. The cookie holds the session's id and its signature; the session itself lies in a store.
//   LISTEN      a port on 127.0.0.1
//   STORE       the folder of the sessions, shared by all releases; `memory`: each process has its own
//   SECRET_KEY  signs the cookies
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const { LISTEN, STORE, SECRET_KEY } = process.env;
if (!SECRET_KEY) throw new Error('SECRET_KEY is missing');
const memory = new Map();
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
  const { status, body, cookie } = answer(request);
  const text = JSON.stringify({ ...body, version });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-release': version,
    ...(cookie && { 'set-cookie': `session=${cookie}; Path=/; HttpOnly` }),
  });
  response.end(text);
});
server.keepAliveTimeout = 75_000;

function answer(request) {
  const { pathname } = new URL(request.url, 'http://shop');
  switch (`${request.method} ${pathname}`) {
    case 'GET /':
      return { status: 200, body: { shop: 'open' } };
    case 'GET /healthz':
      return { status: 200, body: { status: 'ok' } };
    case 'POST /login': {
      const id = randomUUID();
      save(id, { user: 'ada', since: version });
      return { status: 200, body: { user: 'ada' }, cookie: `${id}.${sign(id)}` };
    }
    case 'GET /me': {
      const session = sessionOf(request.headers.cookie);
      if (session !== null) return { status: 200, body: session };
      log({ event: 'session refused' });
      return { status: 401, body: { error: 'log in' } };
    }
    default:
      return { status: 404, body: { error: 'not found' } };
  }
}

function sessionOf(cookies = '') {
  const [, id, signature] = /(?:^|;\s*)session=([0-9a-f-]{36})\.([0-9a-f]{64})/.exec(cookies) ?? [];
  if (id === undefined || !timingSafeEqual(Buffer.from(sign(id)), Buffer.from(signature))) return null;
  if (STORE === 'memory') return memory.get(id) ?? null;
  try {
    return JSON.parse(readFileSync(path.join(STORE, id), 'utf8'));
  } catch {
    return null;
  }
}

function save(id, session) {
  if (STORE === 'memory') {
    memory.set(id, session);
    return;
  }
  const temporary = path.join(STORE, `.${id}`);
  writeFileSync(temporary, JSON.stringify(session));
  renameSync(temporary, path.join(STORE, id));
}

function sign(id) {
  return createHmac('sha256', SECRET_KEY).update(id).digest('hex');
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

server.listen(Number(LISTEN), '127.0.0.1', () => log({ event: 'listening' }));
