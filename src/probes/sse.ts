import { withClient } from './client.js';
import { idScheme } from './event-ids.js';
import { EventStream, type Streams } from './event-stream.js';
import type { Probe } from './probe.js';
import { keepRounds, outageLimitMs } from './rounds.js';
import { silencesOf } from './silences.js';

/** The first connections are made over this time, ms. */
const OPENING_MS = 1000;

/** Event streams that are listened to all through the release, and taken up again after each cut. */
export const sse: Probe<'sse'> = {
  name: 'sse',
  async run(options, context) {
    await withClient(context, context.plan.endpoint, async (figures) => {
      const all = { options, context, figures, scheme: idScheme(), silences: silencesOf(options.gapMs) };
      context.onPhase(({ kind }) => {
        if (kind === 'warmup' || kind === 'baseline') return;
        all.scheme.learning = false;
        all.silences.learning = false;
      });
      await listen(all);
    });
  },
};

async function listen(all: Streams): Promise<void> {
  const { options, context } = all;
  const ended = new AbortController();
  const over = AbortSignal.any([ended.signal, context.signal]);
  const streams = Array.from({ length: options.connections }, () => new EventStream(all));
  const work = Promise.all(streams.map((stream, index) => stream.run((OPENING_MS * index) / streams.length, over)));
  // A broken stream must not leave the others running for ever.
  work.catch(() => ended.abort());
  const round = (now: number, late: boolean): void => {
    for (const stream of streams) stream.round(now, late);
    publish(all, streams);
  };
  const settled = (): boolean => streams.every((stream) => stream.settled);
  try {
    await keepRounds({ round, settled, longestMs: outageLimitMs(context.plan.timeoutMs) }, context, over);
  } finally {
    ended.abort();
    await work;
  }
  context.signal.throwIfAborted();
}

function publish({ options, figures, scheme, silences }: Streams, streams: EventStream[]): void {
  figures.gauge('connected', streams.filter((stream) => stream.connected).length);
  figures.gauge('idsConsecutive', scheme.consecutive ? 1 : 0);
  figures.gauge('longestSilenceMs', Math.round(silences.longestMs));
  if (streams.every((stream) => stream.works))
    figures.sayReady(`${options.connections} event streams at ${options.path}`);
}
