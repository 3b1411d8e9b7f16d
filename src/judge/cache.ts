import { formatCount, formatShare } from '../model/units.js';
import type { Doubt } from './doubt.js';
import type { Measure } from './measure.js';

/** From this share on, what a cache answered hides what the app would have. */
const CACHED_SHARE = 0.05;

export interface CachedFlow {
  flow: string;
  cached: number;
  requests: number;
}

/** Flows of which a cache answered more than 5 % after the baseline. */
export function cachedFlows(m: Measure): CachedFlow[] {
  return m.run.header.traffic.flows
    .map(({ name }) => {
      const { cached, requests } = m.tally(m.whole, { flow: name });
      return { flow: name, cached, requests };
    })
    .filter(({ cached, requests }) => cached > CACHED_SHARE * requests);
}

/** What a cache answered, the app was not asked: such a flow proves nothing. */
export function cacheDoubts(m: Measure): Doubt[] {
  return cachedFlows(m).map((found) => ({ kind: 'proof', reason: `${cachedText(found)}; ${CACHE_REMEDY}` }));
}

/** `18 % of the answers of home came from a cache (42 of 230), and not from the app`. */
export function cachedText({ flow, cached, requests }: CachedFlow): string {
  const of = `${formatCount(cached)} of ${formatCount(requests)}`;
  return `${formatShare(cached / requests)} of the requests of ${flow} were answered by a cache (${of}), and not by the app`;
}

export const CACHE_REMEDY =
  'add a query that defeats the cache, send `cache-control: no-cache`, or expect a header that only the app sends';
