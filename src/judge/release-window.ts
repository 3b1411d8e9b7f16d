import type { HoldEndedEvent } from '../model/release.js';
import type { Run } from '../model/run.js';
import { formatCount, formatMs } from '../model/units.js';

type Window = Omit<HoldEndedEvent, 'type'>;

/** Holds that were to see a number of requests and did not: whatever followed them was decided by the clock. */
export function windowReasons({ phases }: Run): string[] {
  return phases.flatMap(({ name, window }) =>
    window === null || window.requests >= window.wanted ? [] : [`${name}: ${windowText(window)}`],
  );
}

/** What was waited for, what came, and the rate at which it would have come. */
function windowText(window: Window): string {
  const { wanted, requests, forMs, version, flow } = window;
  const of = [...(version === null ? [] : [version]), ...(flow === null ? [] : [flow])].join(' and ');
  const what = `the hold was to see ${formatCount(wanted)} requests${of === '' ? '' : ` of ${of}`}`;
  const came = `${requests === 0 ? 'none' : formatCount(requests)} came in ${formatMs(forMs)}`;
  return `${what}, and ${came}; ${remedyOf(window)}`;
}

/** The share of the traffic that was seen is taken to stay what it was. */
function remedyOf({ wanted, requests, all, forMs, version }: Window): string {
  if (requests === 0) {
    return version === null ? 'nothing was answered' : `no rate would do as long as ${version} answers nothing`;
  }
  const ratePerSec = ((all / forMs) * 1000 * wanted) / requests;
  return `at ${formatCount(roundedUp(ratePerSec))}/s they would have come, or in ${formatMs((forMs * wanted) / requests)}`;
}

/** To two digits. */
function roundedUp(rate: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 1);
  return Math.ceil(rate / unit) * unit;
}
