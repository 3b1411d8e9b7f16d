import type { Connection } from '../wire/connection.js';
import type { Exchange } from '../wire/exchange.js';
import { isCloseHinted } from '../wire/keep-alive.js';
import type { RequestPlan } from '../wire/plan.js';
import { type Client, nameOf, withClient } from './client.js';
import type { Probe, ProbeContext } from './probe.js';
import { pause } from './schedule.js';

/** The connections are opened over this time, ms. */
const OPENING_MS = 1000;
/** From a close, or a failed try, to the next one. */
const REOPEN_MS = 500;
/** Where every answer announces the close there is nothing to wait for. */
const REOPEN_ANNOUNCED_MS = 5000;
/** How often is looked for closes that nothing calls out: announced ones. */
const LOOK_EVERY_MS = 200;

/**
 * Keep-alive connections that made one request and then wait, as those of browsers and proxies do. A close that was not
 * announced is where the next request of such a client would be lost.
 */
export const idle: Probe<'idle'> = {
  name: 'idle',
  async run({ connections, request }, context) {
    await withClient(context, context.plan.endpoint, async (client) => {
      const all: All = { held: 0, opened: 0, connections, request };
      await Promise.all(
        Array.from({ length: connections }, async (_, index) => {
          await pause(context, (OPENING_MS * index) / connections);
          await keepOne(client, context, all);
        }),
      );
    });
  },
};

interface All {
  held: number;
  /** Places whose connection was opened at least once. */
  opened: number;
  connections: number;
  request: RequestPlan;
}

/** Keeps one connection open and idle, and opens it anew whenever it is closed. */
async function keepOne(client: Client, context: ProbeContext, all: All): Promise<void> {
  let everOpened = false;
  let failing = false;
  while (!context.stopping.aborted) {
    const close: Close = { at: null, how: 'fin' };
    const connection = client.connect((_connection, how) => {
      close.at = context.clock.now();
      close.how = how;
    });
    const asked = await client.ask(all.request, { on: connection });
    if (asked.fate !== 'ok') {
      client.drop(connection);
      // One fault for each outage of a connection, not one for each try.
      if (asked.fate === 'failed' && !failing) client.failed(asked);
      failing ||= asked.fate === 'failed';
      await pause(context, REOPEN_MS);
      continue;
    }
    failing = false;
    if (!everOpened) all.opened += 1;
    everOpened = true;
    client.count('opened');
    sayReady(client, all, connection);
    const announcedAtOnce = connection.closeAnnounced;
    await hold(client, context, all, connection);
    close.at ??= context.clock.now();
    judge(client, connection, asked.result, { ...close, at: close.at });
    client.drop(connection);
    await pause(context, announcedAtOnce ? REOPEN_ANNOUNCED_MS : REOPEN_MS);
  }
}

interface Close {
  /** When the server closed it unannounced. */
  at: number | null;
  how: 'fin' | 'rst';
}

/** What the end of a connection's wait was; nothing where the probe itself ended it. */
function judge(
  client: Client,
  connection: Connection,
  opening: Exchange,
  close: { at: number; how: 'fin' | 'rst' },
): void {
  const since = opening.endedAt;
  const idleMs = close.at - since;
  if (connection.closeAnnounced) client.count('closedAnnounced');
  else if (!connection.gone) return;
  else if (isCloseHinted(opening.headers['keep-alive'], idleMs)) client.count('closedOnTimeout');
  else {
    const detail = `${close.how.toUpperCase()} after ${(idleMs / 1000).toFixed(1)} s idle`;
    client.fault('closedUnannounced', since, detail, { at: close.at });
  }
}

/** Waits until the server closes the connection, or says that it will. */
async function hold(client: Client, context: ProbeContext, all: All, connection: Connection): Promise<void> {
  all.held += 1;
  client.gauge('connections', all.held);
  while (!context.stopping.aborted && !connection.gone && !connection.closeAnnounced) {
    await pause(context, LOOK_EVERY_MS);
  }
  all.held -= 1;
  // What the probe itself ends at its end was held to the last.
  if (!context.stopping.aborted) client.gauge('connections', all.held);
}

function sayReady(client: Client, { opened, connections, request }: All, { closeAnnounced }: Connection): void {
  if (opened < connections) return;
  const what = closeAnnounced ? 'the server keeps no connection open' : `${connections} idle connections`;
  client.sayReady(`${what} after ${nameOf(request)}`);
}
