import type { Connection, IdleCloseListener } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { H1Connection } from './h1.js';
import { H2Connection } from './h2.js';

/** A connection to an endpoint in its protocol; `now` is the run's clock. */
export function connectionTo(
  endpoint: Endpoint,
  id: number,
  now: () => number,
  onIdleClose: IdleCloseListener,
): Connection {
  const Kind = endpoint.protocol === 'h2' ? H2Connection : H1Connection;
  return new Kind(endpoint, id, now, onIdleClose);
}
