#!/usr/bin/env node
/**
 * An HTTP/2 server (by prior knowledge) that misbehaves on command and counts every stream. It speaks in frames of its
 * own, so that no library answers, drops or hides a stream between it and the socket. It reads no header: every HEADERS
 * frame that ends its stream is a request. How it is told what to do: commands.mjs.
 *
 * @typedef {{ fault: string, every?: number, times?: number }} Rule Hits every `every`th request, at most `times` times.
 * @typedef {import('node:net').Socket} Socket
 * @typedef {{
 *   socket: Socket, bytes: Buffer, greeted: boolean, lastAnswered: number, leaving: string | null,
 * }} Connection `leaving`: the fault whose GOAWAY was sent.
 */
import { createServer } from 'node:net';
import { takeCommands } from './commands.mjs';

const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
const TYPE = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goaway: 7 };
const FLAG = { endStream: 1, ack: 1, endHeaders: 4 };
const CODE = { noError: 0, internalError: 2, refusedStream: 7, enhanceYourCalm: 11 };
/** `:status: 200`, an entry of the static table of HPACK. */
const STATUS_200 = Buffer.from([0x88]);
/** How long a connection stays open after its GOAWAY: what the client had under way still arrives, and is counted. */
const LEAVE_MS = 200;

/** @type {{ rule: Rule, seen: number, hits: number } | null} */
let active = null;
let counts = zeroCounts();
/** @type {Set<Connection>} */
const connections = new Set();

/** What becomes of one request, by the fault's name. @type {Record<string, (connection: Connection, stream: number) => void>} */
const FAULTS = {
  // The stream was not processed, and no later one will be: it can safely be sent again elsewhere.
  goaway: (connection) => goAway(connection, 'goaway', connection.lastAnswered, CODE.noError),
  'goaway-error': (connection) => goAway(connection, 'goaway-error', connection.lastAnswered, CODE.enhanceYourCalm),
  // The connection ends, and everything on it is answered first: nothing may fail.
  'goaway-graceful': (connection, stream) => {
    answer(connection, stream);
    goAway(connection, 'goaway-graceful', 2 ** 31 - 1, CODE.noError);
  },
  'refused-stream': ({ socket }, stream) => socket.write(frame(TYPE.rstStream, 0, stream, uint32(CODE.refusedStream))),
  'rst-stream': ({ socket }, stream) => socket.write(frame(TYPE.rstStream, 0, stream, uint32(CODE.internalError))),
};

const server = createServer({ noDelay: true }, (socket) => {
  /** @type {Connection} */
  const connection = { socket, bytes: Buffer.alloc(0), greeted: false, lastAnswered: 0, leaving: null };
  connections.add(connection);
  counts.connections += 1;
  // One setting: MAX_CONCURRENT_STREAMS, 100.
  socket.write(frame(TYPE.settings, 0, 0, Buffer.concat([Buffer.from([0, 3]), uint32(100)])));
  socket.on('data', (chunk) => read(connection, chunk));
  socket.on('error', () => {});
  socket.on('close', () => connections.delete(connection));
});
server.listen(0, '127.0.0.1', 1024);

takeCommands(
  {
    /** @param {Rule} rule */
    fault(rule) {
      if (FAULTS[rule.fault] === undefined) throw new Error(`no such fault: ${rule.fault}`);
      active = { rule, seen: 0, hits: 0 };
    },
    clear() {
      active = null;
    },
    counts: () => counts,
    reset() {
      counts = zeroCounts();
    },
    /** Answers once `fault` was served `total` times in all. */
    until: ({ fault, total }) =>
      new Promise((resolve) => {
        const look = () => ((counts.faults[fault] ?? 0) >= total ? resolve(null) : setTimeout(look, 5));
        look();
      }),
  },
  () => (server.listening ? /** @type {import('node:net').AddressInfo} */ (server.address()).port : null),
);

function zeroCounts() {
  return {
    connections: 0,
    requests: 0,
    ok: 0,
    /** Streams by the fault that met them. @type {Record<string, number>} */
    faults: {},
  };
}

/** @param {Connection} connection @param {Buffer} chunk */
function read(connection, chunk) {
  connection.bytes = connection.bytes.length === 0 ? chunk : Buffer.concat([connection.bytes, chunk]);
  if (!connection.greeted) {
    if (connection.bytes.length < PREFACE_BYTES) return;
    connection.greeted = true;
    connection.bytes = connection.bytes.subarray(PREFACE_BYTES);
  }
  while (connection.bytes.length >= HEAD_BYTES) {
    const { bytes, socket } = connection;
    const end = HEAD_BYTES + bytes.readUIntBE(0, 3);
    if (bytes.length < end) return;
    const [type, flags] = [bytes.readUInt8(3), bytes.readUInt8(4)];
    connection.bytes = bytes.subarray(end);
    if (type === TYPE.settings && (flags & FLAG.ack) === 0) socket.write(frame(TYPE.settings, FLAG.ack, 0));
    if (type === TYPE.ping && (flags & FLAG.ack) === 0) {
      socket.write(frame(TYPE.ping, FLAG.ack, 0, bytes.subarray(HEAD_BYTES, end)));
    }
    if (type === TYPE.headers && (flags & FLAG.endStream) !== 0) take(connection, bytes.readUInt32BE(5));
  }
}

/** @param {Connection} connection @param {number} stream */
function take(connection, stream) {
  counts.requests += 1;
  const fault =
    connection.leaving === null || connection.leaving === 'goaway-graceful' ? faultOf() : connection.leaving;
  if (fault === null) return answer(connection, stream);
  counts.faults[fault] = (counts.faults[fault] ?? 0) + 1;
  // After its GOAWAY the client knows of every later stream that it is not processed.
  if (connection.leaving === null) FAULTS[fault]?.(connection, stream);
}

function faultOf() {
  if (active === null || active.hits >= (active.rule.times ?? Infinity)) return null;
  active.seen += 1;
  if (active.seen % (active.rule.every ?? 1) !== 0) return null;
  active.hits += 1;
  return active.rule.fault;
}

/** @param {Connection} connection @param {number} stream */
function answer(connection, stream) {
  counts.ok += 1;
  connection.lastAnswered = stream;
  const head = frame(TYPE.headers, FLAG.endHeaders, stream, STATUS_200);
  connection.socket.write(Buffer.concat([head, frame(TYPE.data, FLAG.endStream, stream, Buffer.from('ok'))]));
}

/** @param {Connection} connection @param {string} fault @param {number} lastStream @param {number} code */
function goAway(connection, fault, lastStream, code) {
  connection.leaving = fault;
  connection.socket.write(frame(TYPE.goaway, 0, 0, Buffer.concat([uint32(lastStream), uint32(code)])));
  setTimeout(() => connection.socket.end(), LEAVE_MS);
}

/** @param {number} type @param {number} flags @param {number} stream @param {Buffer} [payload] */
function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** @param {number} value */
function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
