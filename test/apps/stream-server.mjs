#!/usr/bin/env node
/**
 * WebSockets that send every message back (`/ws`) and a stream of numbered events (`/events`), which misbehave on command
 * and count what they did. Port, TLS (`KEY` and `CERT`, PEM), a Unix socket (`SOCKET`) and the first number of an event
 * (`FIRST`) come from the environment. How it is told what to do: commands.mjs.
 *
 * @typedef {import('node:http').ServerResponse} Stream
 */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { WebSocketServer } from 'ws';
import { takeCommands } from './commands.mjs';

const EVENT_EVERY_MS = 20;
const EVENTS_KEPT = 1000;
const { KEY, CERT, SOCKET, PORT = '0', FIRST = '1', PREFIX = '', RETRY_MS } = process.env;

const counts = {
  handshakes: 0,
  messages: 0,
  echoed: 0,
  swallowed: 0,
  duplicated: 0,
  closed: 0,
  streams: 0,
  events: 0,
  skipped: 0,
  cut: 0,
  /** @type {string[]} */
  lastEventIds: [],
  /** @type {Record<string, string | string[] | undefined>} */
  headers: {},
};
/** What becomes of a handshake or a stream that is asked for. @type {{ how: 'serve' | 'hang' | 'status', status?: number, type?: string }} */
let answers = { how: 'serve' };
let toSwallow = 0;
let toDuplicate = 0;
let toClose = 0;
/** Messages that are never sent back, also when they come again. @type {Set<string>} */
const swallowed = new Set();
/** @type {Set<import('ws').WebSocket>} */
const sockets = new Set();
/** @type {Set<Stream>} */
const streams = new Set();
let nextEvent = Number(FIRST);
/** Sent to a stream that says where it was. @type {number[]} */
let kept = [];
let replays = true;
let silent = false;

const server = KEY === undefined ? createServer(serve) : createTlsServer({ key: KEY, cert: CERT }, serve);
const upgrades = new WebSocketServer({ noServer: true });
server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  counts.headers = request.headers;
  if (answers.how === 'hang') return;
  if (answers.how === 'status') return socket.end(`HTTP/1.1 ${answers.status} No\r\ncontent-length: 0\r\n\r\n`);
  upgrades.handleUpgrade(request, socket, head, (client) => {
    counts.handshakes += 1;
    sockets.add(client);
    client.on('message', (data) => echo(client, data.toString()));
    client.on('error', () => {});
    client.on('close', () => sockets.delete(client));
  });
});
if (SOCKET === undefined) server.listen(Number(PORT), '127.0.0.1');
else server.listen(SOCKET);
setInterval(() => {
  if (!silent) publish();
}, EVENT_EVERY_MS);

takeCommands(
  {
    counts: () => ({ ...counts, nextEvent }),
    /** Closes `sockets` WebSockets: with a close frame of this code, by FIN or by RST without one. */
    close: ({ sockets: number, code, reason }) => {
      for (const client of first(sockets, number)) {
        counts.closed += 1;
        if (code === 'fin') rawSocket(client).end();
        else if (code === 'rst') rawSocket(client).resetAndDestroy();
        else client.close(code, reason);
      }
    },
    /** The next `messages` messages are never echoed. */
    swallow: ({ messages }) => {
      toSwallow += messages;
    },
    duplicate: ({ messages }) => {
      toDuplicate += messages;
    },
    /** The next `messages` messages close their connection in place of an echo, 1012; what comes behind them is not read. */
    closeUnread: ({ messages }) => {
      toClose += messages;
    },
    /** @param {any} how */
    answer: (how) => {
      answers = how;
    },
    /** So many events are numbered and sent to nobody. */
    skip: ({ events }) => {
      nextEvent += events;
      counts.skipped += events;
    },
    /** Numbers of events begin here from now on. */
    restart: ({ at }) => {
      nextEvent = at;
      kept = [];
    },
    /** Ends `streams` streams: `end` in order, `fin` and `rst` in the middle. */
    cut: ({ streams: number, how }) => {
      for (const stream of first(streams, number)) {
        counts.cut += 1;
        streams.delete(stream);
        if (how === 'end') stream.end();
        else if (how === 'fin') stream.socket?.destroy();
        else stream.socket?.resetAndDestroy();
      }
    },
    replay: ({ on }) => {
      replays = on;
    },
    silence: ({ on }) => {
      silent = on;
    },
    /** Text as it is to every stream. */
    say: ({ text, times = 1 }) => {
      for (const stream of streams) for (let time = 0; time < times; time += 1) stream.write(text);
    },
    /** Sends a text message of this length to every WebSocket. */
    shout: ({ bytes }) => {
      for (const client of sockets) client.send('x'.repeat(bytes));
    },
    /** Once no client is left. */
    untilAlone: () =>
      new Promise((resolve) => {
        const look = () => (sockets.size + streams.size === 0 ? resolve(null) : setTimeout(look, 5));
        look();
      }),
    /** Once so many of something were counted. */
    until: ({ what, total }) =>
      new Promise((resolve) => {
        const look = () => (Number(Reflect.get(counts, what)) >= total ? resolve(null) : setTimeout(look, 5));
        look();
      }),
  },
  () => {
    const address = server.address();
    if (address === null) return null;
    return typeof address === 'string' ? 0 : address.port;
  },
);

/** @param {import('ws').WebSocket} client @param {string} text */
function echo(client, text) {
  if (client.readyState !== client.OPEN) return;
  counts.messages += 1;
  if (toClose > 0) {
    toClose -= 1;
    counts.closed += 1;
    return client.close(1012, 'service restart');
  }
  if (swallowed.has(text) || toSwallow > 0) {
    if (!swallowed.has(text)) {
      toSwallow -= 1;
      counts.swallowed += 1;
    }
    swallowed.add(text);
    return;
  }
  counts.echoed += 1;
  client.send(JSON.stringify({ type: 'echo', text }));
  if (toDuplicate === 0) return;
  toDuplicate -= 1;
  counts.duplicated += 1;
  client.send(text);
}

/** @param {import('node:http').IncomingMessage} request @param {Stream} response */
function serve(request, response) {
  counts.headers = request.headers;
  if (answers.how === 'hang') return;
  if (answers.how === 'status') {
    response.writeHead(answers.status ?? 503, { 'content-type': answers.type ?? 'text/plain' }).end('no');
    return;
  }
  counts.streams += 1;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.write(RETRY_MS === undefined ? ': welcome\n\n' : `retry: ${RETRY_MS}\n\n`);
  const last = request.headers['last-event-id'];
  if (last !== undefined) {
    counts.lastEventIds.push(String(last));
    const after = Number(String(last).slice(PREFIX.length));
    if (replays) for (const number of kept.filter((one) => one > after)) response.write(eventOf(number));
  }
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

function publish() {
  const number = nextEvent;
  nextEvent += 1;
  counts.events += 1;
  kept = [...kept.slice(-EVENTS_KEPT), number];
  for (const stream of streams) stream.write(eventOf(number));
}

/** @param {number} number */
function eventOf(number) {
  return `id: ${PREFIX}${number}\ndata: {"n":${number}}\n\n`;
}

/** @param {import('ws').WebSocket} client @returns {import('node:net').Socket} */
function rawSocket(client) {
  return Reflect.get(client, '_socket');
}

/** @template T @param {Set<T>} set @param {number} number */
function first(set, number) {
  return [...set].slice(0, number);
}
