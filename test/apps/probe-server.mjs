#!/usr/bin/env node
/**
 * An app with what the probes look after: a page with assets, a slow answer, uploads, sessions and orders. It does a
 * wrong thing exactly as often as it is told, and counts it. Environment: PORT, VERSION, H2=1 (without TLS). How it is told: commands.mjs.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createH2Server } from 'node:http2';
import { takeCommands } from './commands.mjs';

const state = {
  version: process.env.VERSION ?? 'v1',
  /** Versions whose assets are there. */
  releases: new Set([process.env.VERSION ?? 'v1']),
  sessions: new Set(),
  orders: new Map(),
  /** Orders that no read shows for now. */
  hidden: new Map(),
  /** Reads show an order so long after it was placed, ms. */
  lag: 0,
  /** The list shows so many of the newest orders. */
  page: Number.POSITIVE_INFINITY,
  byKey: new Map(),
  idempotent: true,
  /** What the next requests get instead of their answer. */
  rules: [],
  counts: {},
};
/** Sockets without a request, the oldest first. */
const idle = new Set();
const slow = new Set();

const server = (process.env.H2 === '1' ? createH2Server : createServer)((request, response) => {
  idle.delete(request.socket);
  response.once('close', () => {
    if (!request.socket.destroyed) idle.add(request.socket);
  });
  count(`${request.method} ${path(request)}`);
  response.setHeader('x-release', state.version);
  const rule = ruleFor(request);
  if (rule?.status !== undefined) return answer(response, rule.status, { error: rule.status });
  if (rule?.cut === 'at once') return request.socket.resetAndDestroy();
  return route(request, response, rule);
});
server.keepAliveTimeout = 0;
server.on('connection', (socket) => {
  count('connections');
  socket.on('error', () => {});
  socket.once('close', () => {
    idle.delete(socket);
    count('closed');
  });
});

function route(request, response, rule) {
  const where = path(request);
  if (where === '/') return page(response);
  if (where.startsWith('/assets/')) return asset(where, response);
  if (where === '/slow') return slowly(request, response);
  if (where === '/upload') return receive(request, response, rule);
  if (where === '/login') return logIn(response);
  if (where === '/me') return answer(response, state.sessions.has(sessionOf(request)) ? 200 : 401, { me: true });
  if (where === '/home') return answer(response, state.sessions.has(sessionOf(request)) ? 200 : 302, {});
  if (where === '/orders' && request.method === 'POST') return order(request, response, rule);
  if (where === '/orders') return answer(response, 200, newest(state.orders.values(), state.page));
  const id = /^\/orders\/(.+)$/.exec(where)?.[1];
  if (id !== undefined) return read(response, state.orders.get(id));
  if (where === '/announced') response.setHeader('connection', 'close');
  if (where === '/hinted') {
    response.setHeader('keep-alive', 'timeout=1');
    setTimeout(() => request.socket.end(), 1000);
  }
  return answer(response, 200, { version: state.version, path: where });
}

function page(response) {
  const { version } = state;
  const hash = hashOf(version);
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>${version}</title><link rel="stylesheet" href="/assets/style.css">
<link rel="icon" href="/assets/no-such-icon.ico"><img src="/assets/logo-${hash}.png"><script src="https://cdn.example/lib.js"></script>
<script type="module" src="/assets/app-${hash}.js"></script><p>Hello`);
}

function asset(where, response) {
  if (where === '/assets/no-such-icon.ico') return answer(response, 404, {});
  response.setHeader('content-type', where.endsWith('.css') ? 'text/css' : 'application/octet-stream');
  if (where === '/assets/style.css') return response.end(`/* ${state.version} */`);
  const release = [...state.releases].find((version) => where.includes(hashOf(version)));
  if (release === undefined) return answer(response, 404, {});
  return response.end(`${where} of ${state.mixed ? state.version : release}`);
}

function slowly(request, response) {
  const ms = Number(new URL(request.url, 'http://x').searchParams.get('ms') ?? 1000);
  slow.add(response);
  const timer = setTimeout(() => answer(response, 200, { slow: ms }), ms);
  response.once('close', () => {
    clearTimeout(timer);
    slow.delete(response);
  });
}

function receive(request, response, rule) {
  const hash = createHash('sha256');
  let bytes = 0;
  request.on('data', (piece) => {
    bytes += piece.length;
    hash.update(piece);
    if (rule?.cut === 'in the body') request.socket.resetAndDestroy();
  });
  request.on('end', () => {
    if (rule?.corrupt) hash.update('and one byte more');
    const sha256 = hash.digest('hex');
    response.setHeader('x-sha256', sha256);
    answer(response, 200, { sha256, bytes });
  });
  request.on('error', () => {});
}

function read(response, order) {
  const isShown = order !== undefined && performance.now() - order.placedAt >= state.lag;
  return answer(response, isShown ? 200 : 404, isShown ? order : {});
}

function logIn(response) {
  const id = randomUUID();
  state.sessions.add(id);
  response.setHeader('set-cookie', [`sid=${id}; Path=/; HttpOnly`, 'theme=dark; Path=/']);
  answer(response, 200, { token: id });
}

function sessionOf({ headers }) {
  return /\bsid=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
}

function order(request, response, rule) {
  readBody(request, (body) => {
    const key = request.headers['idempotency-key'] ?? '';
    const known = state.idempotent ? state.byKey.get(key) : undefined;
    const entry = known ?? { id: randomUUID(), ...JSON.parse(body.toString()), header: key };
    if (rule?.cut === 'before the write') return request.socket.resetAndDestroy();
    state.orders.set(entry.id, { ...entry, placedAt: performance.now() });
    state.byKey.set(key, entry);
    count('stored');
    if (rule?.cut === 'after the write') return request.socket.resetAndDestroy();
    return answer(response, 201, { id: entry.id });
  });
}

/** Each does one thing and says how often it was done. */
const commands = {
  counts: () => ({ ...state.counts, orders: state.orders.size, sessions: state.sessions.size, idle: idle.size }),
  version: ({ value, keep = true, mixed = false }) => {
    state.version = value;
    state.mixed = mixed;
    if (!keep) state.releases.clear();
    state.releases.add(value);
    return {};
  },
  'close-idle': ({ times, how }) => {
    const closed = taken(idle, times);
    for (const socket of closed) how === 'rst' ? socket.resetAndDestroy() : socket.end();
    return { done: closed.length };
  },
  'cut-slow': ({ times }) => {
    const cut = taken(slow, times);
    for (const { socket } of cut) socket.resetAndDestroy();
    return { done: cut.length };
  },
  forget: ({ times }) => ({ done: first(state.sessions, times).map((id) => state.sessions.delete(id)).length }),
  drop: ({ times }) => ({ done: first(state.orders.keys(), times).map((id) => state.orders.delete(id)).length }),
  double: ({ times, late = false }) => ({
    done: (late ? newest : first)(state.orders.values(), times).map((entry) => copy(entry)).length,
  }),
  hide: ({ times }) => ({
    done: first(state.orders.keys(), times).map((id) => move(id, state.orders, state.hidden)).length,
  }),
  show: () => ({ done: [...state.hidden.keys()].map((id) => move(id, state.hidden, state.orders)).length }),
  lag: ({ value }) => {
    state.lag = value;
    return {};
  },
  page: ({ value }) => {
    state.page = value;
    return {};
  },
  idempotent: ({ value }) => {
    state.idempotent = value;
    return {};
  },
  /** `{ path, method?, times, status | cut | corrupt | quiet }`. */
  rule: (rule) => {
    state.rules.push({ hits: 0, ...rule });
    return {};
  },
  'no-rules': () => {
    state.rules = [];
    return {};
  },
  hits: () => state.rules.map(({ path: where, hits }) => ({ path: where, hits })),
};

function copy(entry) {
  const id = randomUUID();
  state.orders.set(id, { ...entry, id });
}

function ruleFor(request) {
  const rule = state.rules.find(
    ({ path: where, method, times, hits }) =>
      hits < times && path(request).startsWith(where) && (method ?? request.method) === request.method,
  );
  if (rule !== undefined) rule.hits += 1;
  return rule;
}

function answer(response, status, value) {
  if (!response.getHeader('content-type')) response.setHeader('content-type', 'application/json');
  response.writeHead(status);
  response.end(JSON.stringify(value));
}

function readBody(request, then) {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => then(Buffer.concat(pieces)));
  request.on('error', () => {});
}

function path(request) {
  return new URL(request.url, 'http://x').pathname;
}

function hashOf(version) {
  return createHash('sha256').update(version).digest('hex').slice(0, 10);
}

function taken(set, times) {
  const values = first(set, times);
  for (const value of values) set.delete(value);
  return values;
}

function first(values, times) {
  return [...values].slice(0, times);
}

function newest(values, times) {
  const all = [...values];
  return all.slice(Math.max(0, all.length - times));
}

function move(id, from, to) {
  to.set(id, from.get(id));
  from.delete(id);
}

function count(name) {
  state.counts[name] = (state.counts[name] ?? 0) + 1;
}

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => takeCommands(commands, () => server.address().port));
