/**
 * What the fault server can do to one request, by name. Each takes the exchange and misbehaves in exactly one way.
 *
 * @typedef {import('node:net').Socket} Socket
 * @typedef {import('./request-reader.mjs').WireRequest} WireRequest
 * @typedef {{
 *   socket: Socket,
 *   request: WireRequest,
 *   version: string,
 *   options: { status?: number, afterMs?: number, everyMs?: number, bytes?: number, text?: string, announce?: boolean },
 *   later: (ms: number, act: () => void) => void,
 *   next: () => void,
 * }} Exchange `next` goes on to the connection's following request; without it the connection is silent from here on.
 */

/** Long enough for loopback to deliver what was written before the connection is cut. */
const DELIVERY_MS = 10;

/** @type {Record<string, (exchange: Exchange) => void>} */
export const FAULTS = {
  // The connection is cut before a byte of the answer.
  rst: ({ socket }) => socket.resetAndDestroy(),
  fin: ({ socket }) => socket.end(),

  // The answer is cut after its head and part of its body.
  'truncated-fin': (exchange) => cut(exchange, lengthHead(exchange, 1000), (socket) => socket.end()),
  'truncated-rst': (exchange) => cut(exchange, lengthHead(exchange, 1000), (socket) => socket.resetAndDestroy()),
  'truncated-chunked-fin': (exchange) => cut(exchange, chunkedHead(exchange), (socket) => socket.end()),
  'truncated-chunked-rst': (exchange) => cut(exchange, chunkedHead(exchange), (socket) => socket.resetAndDestroy()),
  'truncated-until-close-rst': (exchange) =>
    cut(exchange, untilCloseHead(exchange), (socket) => socket.resetAndDestroy()),
  'truncated-head': ({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/pl'),

  // Bytes that are not HTTP.
  'garbage-bytes': ({ socket }) =>
    socket.write(Buffer.from('\x00\x01\x02 this is no protocol \xff\xfe\r\n\r\n', 'latin1')),
  'garbage-status': ({ socket }) => socket.write('HTTP/1.1 abc Nope\r\ncontent-length: 0\r\n\r\n'),
  'garbage-header': ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nbad header\x00: 1\r\ncontent-length: 2\r\n\r\nok'),
  'garbage-chunk': ({ socket }) =>
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nno chunk\r\n'),
  'extra-bytes': (exchange) => {
    const headers = exchange.options.announce ? { connection: 'close' } : {};
    exchange.socket.write(answer(exchange, { headers }) + (exchange.options.text ?? 'extra bytes nobody asked for'));
    exchange.next();
  },
  'extra-answer': (exchange) => {
    exchange.socket.write(answer(exchange) + answer(exchange));
    exchange.next();
  },
  'extra-late': (exchange) => {
    exchange.socket.write(answer(exchange));
    exchange.later(exchange.options.afterMs ?? DELIVERY_MS, () => exchange.socket.write('bytes of no answer'));
    exchange.next();
  },
  'both-lengths': (exchange) => {
    exchange.socket.write(
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    );
    exchange.next();
  },

  // A whole answer, and not the one that was expected.
  status: (exchange) => {
    exchange.socket.write(answer(exchange, { status: exchange.options.status ?? 503, body: 'unavailable' }));
    exchange.next();
  },
  'wrong-body': (exchange) => {
    exchange.socket.write(answer(exchange, { body: exchange.options.text ?? '{"surprise":true}' }));
    exchange.next();
  },
  'wrong-header': (exchange) => {
    exchange.socket.write(answer(exchange, { headers: { 'content-type': 'text/plain' } }));
    exchange.next();
  },

  // Nothing, too much, or too slowly.
  hang: () => {},
  'hang-in-body': (exchange) => exchange.socket.write(`${lengthHead(exchange, 1000)}partial`),
  delay: (exchange) =>
    exchange.later(exchange.options.afterMs ?? 100, () => {
      exchange.socket.write(answer(exchange));
      exchange.next();
    }),
  'endless-headers': ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    pour(socket, `x-more: ${'h'.repeat(1000)}\r\n`);
  },
  'endless-body': (exchange) => {
    exchange.socket.write(chunkedHead(exchange));
    pour(exchange.socket, `400\r\n${'b'.repeat(1024)}\r\n`);
  },
  'endless-interim': ({ socket }) => pour(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n'),
  drip: (exchange) => {
    const { bytes = 10, everyMs = 100 } = exchange.options;
    exchange.socket.write(lengthHead(exchange, bytes));
    const drop = (/** @type {number} */ left) => {
      if (left === 0) return exchange.next();
      exchange.socket.write('d');
      exchange.later(everyMs, () => drop(left - 1));
    };
    drop(bytes);
  },

  // Unusual, and allowed: no request may fail because of these.
  'http10-close': (exchange) => exchange.socket.end(answer(exchange, { protocol: 'HTTP/1.0' })),
  'until-close': (exchange) => exchange.socket.end(untilCloseHead(exchange) + bodyOf(exchange)),
  'announced-close': (exchange) => exchange.socket.end(answer(exchange, { headers: { connection: 'close' } })),
  'announced-close-kept-open': (exchange) => {
    exchange.socket.write(answer(exchange, { headers: { connection: 'close' } }));
  },
  'close-after': (exchange) => {
    exchange.socket.write(answer(exchange));
    exchange.later(exchange.options.afterMs ?? DELIVERY_MS, () => exchange.socket.end());
  },
  'rst-after': (exchange) => {
    exchange.socket.write(answer(exchange));
    exchange.later(exchange.options.afterMs ?? DELIVERY_MS, () => exchange.socket.resetAndDestroy());
  },
  interim: (exchange) => {
    exchange.socket.write(
      `HTTP/1.1 ${exchange.options.status ?? 103} Wait\r\nlink: </a.css>\r\n\r\n${answer(exchange)}`,
    );
    exchange.next();
  },
  chunked: (exchange) => {
    const body = bodyOf(exchange);
    exchange.socket.write(`${chunkedHead(exchange)}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
    exchange.next();
  },
  'keep-alive-hint': (exchange) => {
    exchange.socket.write(answer(exchange, { headers: { 'keep-alive': exchange.options.text ?? 'timeout=1' } }));
    exchange.next();
  },
  split: (exchange) => {
    const text = answer(exchange);
    exchange.socket.write(text.slice(0, 20));
    exchange.later(DELIVERY_MS, () => {
      exchange.socket.write(text.slice(20));
      exchange.next();
    });
  },
};

/**
 * The server's ordinary answer, and the ground for the extraordinary ones.
 * @param {Exchange} exchange
 * @param {{ protocol?: string, status?: number, headers?: Record<string, string>, body?: string }} [change]
 */
export function answer(exchange, { protocol = 'HTTP/1.1', status = 200, headers = {}, body = bodyOf(exchange) } = {}) {
  const fields = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${protocol} ${status} ${status < 400 ? 'OK' : 'Error'}\r\n${versionLine(exchange)}${lines.join('')}\r\n${
    exchange.request.method === 'HEAD' ? '' : body
  }`;
}

/** @param {Exchange} exchange */
function bodyOf({ version, request }) {
  return JSON.stringify({ ok: true, version, path: request.path });
}

/** @param {Exchange} exchange */
function versionLine({ version }) {
  return version === '' ? '' : `x-release: ${version}\r\n`;
}

/** @param {Exchange} exchange @param {number} length */
function lengthHead(exchange, length) {
  return headWith(exchange, `content-length: ${length}\r\n`);
}

/** @param {Exchange} exchange */
function chunkedHead(exchange) {
  return headWith(exchange, 'transfer-encoding: chunked\r\n');
}

/** @param {Exchange} exchange */
function untilCloseHead(exchange) {
  return headWith(exchange, '');
}

/** @param {Exchange} exchange @param {string} framing */
function headWith(exchange, framing) {
  const announced = exchange.options.announce ? 'connection: close\r\n' : '';
  return `HTTP/1.1 200 OK\r\n${versionLine(exchange)}content-type: application/json\r\n${framing}${announced}\r\n`;
}

/** @param {Exchange} exchange @param {string} head @param {(socket: Socket) => void} close */
function cut({ socket, later, options }, head, close) {
  socket.write(`${head}${head.includes('chunked') ? '64\r\n' : ''}the beginning of a body`);
  later(options.afterMs ?? DELIVERY_MS, () => close(socket));
}

/**
 * Writes the same bytes for as long as the peer takes them.
 * @param {Socket} socket @param {string} text
 */
function pour(socket, text) {
  const block = text.repeat(16);
  const fill = () => {
    while (!socket.destroyed && socket.writable && socket.write(block));
  };
  socket.on('drain', () => setImmediate(fill));
  fill();
}
