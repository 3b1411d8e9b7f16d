'use strict';
const net = require('node:net');

// How long `Connection: close` is announced before idle connections are ended. Longer than a busy client leaves a
// connection idle (20 connections shared by 160 requests/s: about 125 ms; a browser tab: seconds), so that each client
// hears of the end on an answer, and none sends a request into a socket that is being closed.
const announceMs = 3_000;

/**
 * Ends a server on SIGINT or SIGTERM without losing a request; with `enabled: false` the process just exits, once it has
 * stood still for `blockMs`.
 */
class Drain {
  announced = false;
  #inFlight = 0;
  #whenIdle = null;

  constructor(server, { enabled, blockMs, release }) {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => {
        console.log(`${process.pid} ${signal} with ${this.#inFlight} in flight`);
        if (!enabled) {
          if (blockMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
          process.exit(0);
        }
        if (!this.announced) this.#run(server, release);
      });
    }
  }

  /** Counts a response until its last byte has been handed to the kernel. */
  track(response) {
    this.#inFlight += 1;
    response.once('close', () => {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#whenIdle?.();
    });
  }

  async #run(server, release) {
    this.announced = true;
    // http.Server.close() would also close idle keep-alive sockets at once, just as clients reuse them: only the
    // listening part is closed. PM2's daemon owns the port and hands connections to the other workers from here on;
    // one already on its way to this worker is refused by it and handed on.
    net.Server.prototype.close.call(server);
    await new Promise((resolve) => setTimeout(resolve, announceMs));
    if (this.#inFlight > 0) await new Promise((resolve) => (this.#whenIdle = resolve));
    server.closeIdleConnections();
    await release();
    console.log(`${process.pid} ends with ${this.#inFlight} in flight`);
    process.exit(0);
  }
}

module.exports = { Drain };
