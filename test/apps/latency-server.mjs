#!/usr/bin/env node
/**
 * An HTTP server whose answering times are known: by a distribution it is told, and by its own record of when each
 * request (`x-seq`) came and was answered. How it is told what to do: commands.mjs.
 *
 * @typedef {{ seq: number, receivedNs: number, answeredNs: number }} Served Instants of CLOCK_MONOTONIC.
 * @typedef {{ beganNs: number, endedNs: number }} Pause
 */
import { createServer } from 'node:net';
import { takeCommands } from './commands.mjs';
import { RequestReader } from './request-reader.mjs';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const SERVED_KEPT = 100_000;

/** Of every ten requests, this many ms for each. */
let delaysMs = [0];
/** @type {Served[]} */
let served = [];
/** @type {Pause[]} */
let pauses = [];

const server = createServer({ noDelay: true }, (socket) => {
  const reader = new RequestReader();
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    for (const { headers } of reader.push(chunk)) {
      const seq = Number(headers['x-seq']);
      const receivedNs = monotonicNs();
      const answer = () => {
        // Taken before the write: nobody can have the answer any earlier.
        if (served.length < SERVED_KEPT) served.push({ seq, receivedNs, answeredNs: monotonicNs() });
        socket.write(ANSWER);
      };
      const delayMs = delaysMs[seq % delaysMs.length] ?? 0;
      if (delayMs === 0) answer();
      else setTimeout(answer, delayMs);
    }
  });
});
server.listen(0, '127.0.0.1', 1024);

takeCommands(
  {
    /** @param {{ ms: number[] }} options the delay of request n is `ms[n % ms.length]` */
    delays({ ms }) {
      delaysMs = ms;
    },
    /** Stops answering, reading and accepting for `forMs` in every `everyMs`, `times` times; resolved when it is over. */
    pauses: async ({ forMs, everyMs, times }) => {
      for (let left = times; left > 0; left -= 1) {
        const beganNs = monotonicNs();
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
        pauses.push({ beganNs, endedNs: monotonicNs() });
        await new Promise((resolve) => setTimeout(resolve, everyMs - forMs));
      }
    },
    log: () => ({ served, pauses }),
    reset() {
      served = [];
      pauses = [];
    },
  },
  () => (server.listening ? /** @type {import('node:net').AddressInfo} */ (server.address()).port : null),
);

function monotonicNs() {
  return Number(process.hrtime.bigint());
}
