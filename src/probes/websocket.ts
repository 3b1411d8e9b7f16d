import { type Client, withClient } from './client.js';
import { EchoClient } from './echo-client.js';
import type { ProbeOptions } from './plan.js';
import type { Probe, ProbeContext } from './probe.js';
import { keepRounds, outageLimitMs } from './rounds.js';

/** The first connections are made over this time, ms. */
const OPENING_MS = 1000;

/**
 * WebSockets on which numbered messages go out at a constant interval and must each come back. A client whose connection
 * was closed connects again and sends what was not echoed once more, as a careful client does: what comes back then was
 * not lost.
 */
export const websocket: Probe<'websocket'> = {
  name: 'websocket',
  async run(options, context) {
    await withClient(context, context.plan.endpoint, (figures) => converse(options, context, figures));
  },
};

async function converse(options: ProbeOptions['websocket'], context: ProbeContext, figures: Client): Promise<void> {
  const ended = new AbortController();
  const over = AbortSignal.any([ended.signal, context.signal]);
  const clients = Array.from(
    { length: options.connections },
    (_, index) => new EchoClient(index + 1, options, context, figures),
  );
  const work = Promise.all(clients.map((client, index) => client.run((OPENING_MS * index) / clients.length, over)));
  // A broken client must not leave the others running for ever.
  work.catch(() => ended.abort());
  const round = (now: number, late: boolean): void => {
    if (!late) for (const client of clients) client.giveUpOverdue(now);
    publish(options, figures, clients);
  };
  const settled = (): boolean => clients.every((client) => client.settled);
  try {
    await keepRounds({ round, settled, longestMs: outageLimitMs(options.timeoutMs) }, context, over);
    if (!over.aborted) for (const client of clients) client.giveUpTheRest();
  } finally {
    ended.abort();
    await work;
  }
  context.signal.throwIfAborted();
}

function publish({ connections, path, everyMs }: ProbeOptions['websocket'], figures: Client, clients: EchoClient[]) {
  figures.gauge('connected', clients.filter((client) => client.connected).length);
  if (clients.every((client) => client.works)) {
    figures.sayReady(`${connections} WebSockets at ${path}, a message every ${everyMs} ms on each`);
  }
}
