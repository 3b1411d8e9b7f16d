#!/usr/bin/env node
/**
 * An HTTP server that misbehaves on command and keeps exact counts of what it did. It runs as a process of its
 * own, so that its clock and event loop are not the harness'. How it is told what to do: commands.mjs.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC as text: comparable between processes of one machine.
 *
 * @typedef {{
 *   fault: string, every?: number, times?: number, forMs?: number, on?: 'any' | 'fresh' | 'reused', path?: string,
 *   status?: number, afterMs?: number, everyMs?: number, bytes?: number, text?: string, announce?: boolean,
 * }} Rule Of the requests it matches, a rule hits every `every`th, at most `times` times, for `forMs`.
 * @typedef {{ rule: Rule, seen: number, hits: number, until: number }} ActiveRule
 * @typedef {import('./request-reader.mjs').WireRequest} WireRequest
 * @typedef {{ socket: import('node:net').Socket, served: number, busy: boolean, waiting: WireRequest[] }} Connection
 */
import { createServer } from 'node:net';
import { now, takeCommands } from './commands.mjs';
import { answer, FAULTS } from './faults.mjs';
import { RequestReader } from './request-reader.mjs';

const HITS_KEPT = 20_000;
const HOST = process.env.ADDRESS ?? '127.0.0.1';

/** @type {ActiveRule[]} */
let rules = [];
let counts = zeroCounts();
let version = process.env.VERSION ?? '';
let port = Number(process.env.PORT ?? 0);
/** @type {{ fault: string, at: string, path: string, connection: string }[]} */
let hits = [];
/** @type {{ fault: string, beganAt: string, endedAt: string | null }[]} */
let windows = [];
/** @type {Set<Connection>} */
const connections = new Set();
/** Answers held back while a stall lasts. @type {(() => void)[] | null} */
let held = null;
/** What is to happen right after the next answer. @type {(() => void) | null} */
let afterNextAnswer = null;
let listener = listen();

/** @type {Record<string, (options: any) => unknown>} */
const COMMANDS = {
  /** @param {Rule} rule */
  fault(rule) {
    if (FAULTS[rule.fault] === undefined) throw new Error(`no such fault: ${rule.fault}`);
    rules.push({ rule, seen: 0, hits: 0, until: rule.forMs === undefined ? Infinity : performance.now() + rule.forMs });
  },
  clear() {
    rules = [];
  },
  counts: () => ({ ...structuredClone(counts), open: connections.size, windows, now: now() }),
  hits: () => hits,
  reset() {
    counts = zeroCounts();
    hits = [];
    windows = [];
  },
  version({ value }) {
    version = value;
  },
  /** Holds every answer back for `forMs`; connections are accepted, requests read. */
  stall: ({ forMs }) =>
    during('stall', forMs, () => {
      held = [];
      return () => {
        const answers = held ?? [];
        held = null;
        for (const act of answers) act();
      };
    }),
  /** Stops the whole process for `forMs`, as a stop signal would: the kernel alone accepts connections. */
  freeze({ forMs }) {
    const end = begin('freeze');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
    end();
  },
  /**
   * Closes the listening socket for `forMs`: connections are refused. Established ones are kept, reset, or closed as
   * the end of a process closes them: what is sent on one from then on meets a reset.
   * Begins right after an answer, so that no request is on its way at that moment.
   */
  refuse: ({ forMs, established = 'keep' }) =>
    new Promise((resolve) => {
      whenQuiet(() => {
        const done = during('refuse', forMs, () => {
          listener.close();
          for (const { socket } of connections) {
            if (established === 'reset') socket.resetAndDestroy();
            if (established === 'close') socket.destroy();
          }
          return () => {
            listener = listen();
          };
        });
        done.then(resolve);
      });
    }),
  /** Answers once `fault` was served `total` times in all. */
  until: ({ fault, total }) =>
    new Promise((resolve) => {
      const look = () => ((counts.faults[fault]?.total ?? 0) >= total ? resolve(null) : setTimeout(look, 5));
      look();
    }),
  exit() {
    setImmediate(() => process.exit(0));
  },
};

takeCommands(COMMANDS, () => (listener.listening ? port : null));

function zeroCounts() {
  return {
    connections: 0,
    requests: { total: 0, fresh: 0, reused: 0 },
    /** @type {Record<string, number>} */
    byPath: {},
    ok: 0,
    /** Whole answers that could not be written any more because the client had gone. */
    abandoned: 0,
    /** @type {Record<string, { total: number, fresh: number, reused: number, abandoned: number }>} */
    faults: {},
    /** Highest number of connections open at once. */
    peakOpen: 0,
  };
}

function listen() {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
  server.on('error', (error) => {
    process.stderr.write(`fault server: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(port, HOST, 1024, () => {
    port = /** @type {import('node:net').AddressInfo} */ (server.address()).port;
  });
  return server;
}

/** @param {import('node:net').Socket} socket */
function serve(socket) {
  const reader = new RequestReader();
  /** @type {Connection} */
  const connection = { socket, served: 0, busy: false, waiting: [] };
  connections.add(connection);
  counts.connections += 1;
  counts.peakOpen = Math.max(counts.peakOpen, connections.size);
  socket.on('data', (chunk) => {
    connection.waiting.push(...reader.push(chunk));
    proceed(connection);
  });
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('close', () => connections.delete(connection));
}

/** @param {Connection} connection */
function proceed(connection) {
  if (connection.busy) return;
  const request = connection.waiting.shift();
  if (request === undefined) return;
  connection.busy = true;
  const kind = connection.served === 0 ? 'fresh' : 'reused';
  connection.served += 1;
  counts.requests.total += 1;
  counts.requests[kind] += 1;
  counts.byPath[request.path] = (counts.byPath[request.path] ?? 0) + 1;
  const respond = () => respondTo(connection, request, kind);
  if (held === null) respond();
  else held.push(respond);
}

/** @param {Connection} connection @param {WireRequest} request @param {'fresh' | 'reused'} kind */
function respondTo(connection, request, kind) {
  const { socket } = connection;
  const rule = ruleFor(request, kind);
  const gone = socket.destroyed || socket.readableEnded;
  const exchange = {
    socket,
    request,
    version,
    options: rule ?? {},
    later: (/** @type {number} */ ms, /** @type {() => void} */ act) => {
      setTimeout(() => {
        if (!socket.destroyed) act();
      }, ms);
    },
    next: () => {
      connection.busy = false;
      proceed(connection);
    },
  };
  if (rule !== null) {
    const count = counts.faults[rule.fault] ?? { total: 0, fresh: 0, reused: 0, abandoned: 0 };
    counts.faults[rule.fault] = count;
    count.total += 1;
    count[kind] += 1;
    if (gone) count.abandoned += 1;
    if (hits.length < HITS_KEPT) hits.push({ fault: rule.fault, at: now(), path: request.path, connection: kind });
    if (!gone) FAULTS[rule.fault]?.(exchange);
    return;
  }
  if (gone) {
    counts.abandoned += 1;
    return;
  }
  counts.ok += 1;
  socket.write(answer(exchange));
  exchange.next();
  const act = afterNextAnswer;
  afterNextAnswer = null;
  if (act !== null) setImmediate(act);
}

/**
 * The first rule that hits. Every rule counts the requests that match it, hit or not.
 * @param {WireRequest} request @param {'fresh' | 'reused'} kind
 * @returns {Rule | null}
 */
function ruleFor(request, kind) {
  rules = rules.filter((active) => active.until > performance.now() && active.hits < (active.rule.times ?? Infinity));
  /** @type {Rule | null} */
  let hit = null;
  for (const active of rules) {
    const { on = 'any', path, every = 1 } = active.rule;
    if ((on !== 'any' && on !== kind) || (path !== undefined && request.path !== path)) continue;
    active.seen += 1;
    if (hit !== null || active.seen % every !== 0) continue;
    active.hits += 1;
    hit = active.rule;
  }
  return hit;
}

/** @param {() => void} act */
function whenQuiet(act) {
  const idle = setTimeout(() => {
    if (afterNextAnswer !== once) return;
    afterNextAnswer = null;
    act();
  }, 500);
  const once = () => {
    clearTimeout(idle);
    act();
  };
  afterNextAnswer = once;
}

/**
 * @param {string} fault @param {number} forMs @param {() => () => void} enter
 * @returns {Promise<void>} resolved when it is over
 */
function during(fault, forMs, enter) {
  const leave = enter();
  const end = begin(fault);
  return new Promise((resolve) => {
    setTimeout(() => {
      leave();
      end();
      resolve();
    }, forMs);
  });
}

/** @param {string} fault */
function begin(fault) {
  /** @type {{ fault: string, beganAt: string, endedAt: string | null }} */
  const window = { fault, beganAt: now(), endedAt: null };
  windows.push(window);
  return () => {
    window.endedAt = now();
  };
}
