import type { Connection, Pending, WireRequest } from '../../src/wire/connection.js';
import type { Exchange } from '../../src/wire/exchange.js';

/** Sends a request (`GET /` unless said otherwise) that keeps its answer's body. */
export function begin(
  connection: Connection,
  part: Partial<WireRequest> = {},
): { pending: Pending; result: Promise<Exchange> } {
  const request = { method: 'GET', target: '/', headers: {}, body: null, keepBody: true, ...part };
  let settle: (exchange: Exchange) => void = () => {};
  const result = new Promise<Exchange>((resolve) => {
    settle = resolve;
  });
  return { pending: connection.exchange(request, settle), result };
}

export function send(connection: Connection, part: Partial<WireRequest> = {}): Promise<Exchange> {
  return begin(connection, part).result;
}

export function bodyOf(exchange: Exchange): string {
  return exchange.body?.toString() ?? '';
}
