import { BUCKET_MS, type FailedRequest, type Run } from '../../model/run.js';
import type { Incident } from './incident.js';

const COMMON_END_MS = 60;

/** The 100 ms that an incident reaches into. */
export function bucketsOf({ buckets }: Run, { from, to }: Incident): Run['buckets'] {
  return buckets.filter(({ at }) => at + BUCKET_MS > from && at <= to);
}

/** Part of what the flows that were hit are due to send in a bucket; the mix is interleaved, so that it is nearly exact. */
const NEARLY_ALL = 0.85;

/** Longest time, in steps of a bucket, in which nearly every request of the flows that were hit failed. */
export function hardMsOf(run: Run, incident: Incident): number {
  const { flows } = run.header.traffic;
  const hit = new Set(incident.failures.map(({ flow }) => flow));
  const weightOf = (names: typeof flows) => names.reduce((sum, { weight }) => sum + weight, 0);
  const share = weightOf(flows.filter(({ name }) => hit.has(name))) / Math.max(1e-9, weightOf(flows));
  let longest = 0;
  let current = 0;
  for (const { requests, failed, retryable } of bucketsOf(run, incident)) {
    if (requests === 0) continue;
    current = failed > 0 && failed + retryable >= NEARLY_ALL * share * requests ? current + BUCKET_MS : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}

const FEW = 5;

/** Share of the requests that ended well meanwhile; null where too few did. */
export function okShareOf(run: Run, incident: Incident): number | null {
  const within = bucketsOf(run, incident);
  const requests = within.reduce((sum, bucket) => sum + bucket.requests, 0);
  const bad = within.reduce((sum, { failed, retryable }) => sum + failed + retryable, 0);
  return requests < FEW ? null : (requests - bad) / requests;
}

/** In-flight requests that are cut share their end, while their starts are spread over what they take. */
export function commonEndOf(failures: readonly FailedRequest[]): { share: number; sentSpreadMs: number } {
  const sorted = failures.toSorted((a, b) => a.endedAt - b.endedAt);
  let best: FailedRequest[] = [];
  let first = 0;
  for (let last = 0; last < sorted.length; last += 1) {
    while ((sorted[last]?.endedAt ?? 0) - (sorted[first]?.endedAt ?? 0) > COMMON_END_MS) first += 1;
    if (last - first + 1 > best.length) best = sorted.slice(first, last + 1);
  }
  const sent = best.map(({ sentAt, dueAt }) => sentAt ?? dueAt);
  return {
    share: failures.length === 0 ? 0 : best.length / failures.length,
    sentSpreadMs: best.length === 0 ? 0 : Math.max(...sent) - Math.min(...sent),
  };
}

/** `fail_timeout` of nginx, unless it is set: so long it avoids a server that has failed, ms. */
const FAIL_TIMEOUT_MS = 10_000;

/** Whether it lasted about as long: the next look at the server comes with the next request, and may take a moment. */
export function lastsFailTimeout(hardMs: number): boolean {
  return hardMs >= FAIL_TIMEOUT_MS - 500 && hardMs <= FAIL_TIMEOUT_MS + 1500;
}
