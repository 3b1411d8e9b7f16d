import type { RunHeader, StreamPlan } from '../../model/event.js';
import { formatMs, plural } from '../../model/units.js';

/** In the method's list: rates that are named. */
const MAX_STREAMS = 8;
const MAX_PIECES = 6;

/** How requests were started: `Requests start on a fixed schedule of 200 a second, evenly spaced, and never wait`. */
export function scheduleText({ ratePerSec, streams, arrival, threads }: RunHeader['traffic']): string {
  const spacing = arrival === 'poisson' ? 'at random intervals (Poisson)' : 'evenly spaced';
  const shared = threads > 1 ? ` ${plural(threads, 'thread')} send in turn on this one schedule.` : '';
  return `Requests start on a fixed schedule, ${spacing}, and never wait for answers: ${ratesText(ratePerSec, streams)}.${shared}`;
}

function ratesText(ratePerSec: number, streams: readonly StreamPlan[]): string {
  const named = streams.slice(0, MAX_STREAMS).map((stream) => {
    const rate = rateText(stream);
    return streams.length === 1 ? rate : `${stream.name === '' ? 'the mix' : stream.name} ${rate}`;
  });
  if (named.length === 0) return `${digits(ratePerSec)} a second`;
  const more = streams.length - named.length;
  return `${named.join('; ')}${more > 0 ? `; ${more} more` : ''}`;
}

/** `200 a second`; `20 to 200 a second within 30 s, then 200 a second`. */
function rateText({ rate }: StreamPlan): string {
  const pieces = rate.slice(0, MAX_PIECES).map(({ fromPerSec, toPerSec, forMs }) => {
    const per =
      fromPerSec === toPerSec || forMs === null
        ? `${digits(toPerSec)} a second`
        : `${digits(fromPerSec)} to ${digits(toPerSec)} a second`;
    return forMs === null ? per : `${per} for ${formatMs(forMs)}`;
  });
  return `${pieces.join(', then ')}${rate.length > pieces.length ? ', and so on' : ''}`;
}

function digits(perSec: number): string {
  return String(Number(perSec.toPrecision(4)));
}
