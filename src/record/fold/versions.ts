import type { VersionSpan } from '../../model/run.js';
import type { Attributed } from './attribution.js';
import { obtain } from './keyed.js';

/** When one version alone has answered for this long, the change is over, ms. Shorter than any default hold. */
const SETTLED_MS = 3000;

export interface VersionLog {
  sample(a: Attributed): void;
  /** In order of their first answer. */
  versions(): VersionSpan[];
  overlapMs(): number;
}

/** A change of version under way: from the first answer of another version on. */
interface Change {
  startAt: number;
  changedAt: number;
  /** The last answer before the version changed for the last time. */
  mixedUntil: number;
}

/**
 * Which versions answered, and how long the answers of two versions interleaved: in each change, from the first
 * answer of another version to the last answer of the one that went. The answer of a rate limiter is none of a
 * version's. Samples come in order of their end.
 */
export function createVersionLog(): VersionLog {
  const spans = new Map<string, VersionSpan>();
  let last: { version: string; at: number } | null = null;
  let change: Change | null = null;
  let overlap = 0;

  const answered = (version: string, at: number) => {
    if (change !== null && at - change.changedAt >= SETTLED_MS) {
      overlap += lengthOf(change);
      change = null;
    }
    if (last !== null && last.version !== version) {
      if (change === null) change = { startAt: at, changedAt: at, mixedUntil: at };
      else {
        change.changedAt = at;
        change.mixedUntil = last.at;
      }
    }
    last = { version, at };
  };

  return {
    sample({ sample: { version, outcome }, at, failed }) {
      if (version === null || outcome.kind === 'blocked') return;
      const span = obtain(spans, version, () => ({ version, firstAt: at, lastAt: at, requests: 0, failed: 0 }));
      span.lastAt = at;
      span.requests++;
      if (failed) span.failed++;
      answered(version, at);
    },
    versions: () => [...spans.values()].map((span) => ({ ...span })),
    overlapMs: () => overlap + (change === null ? 0 : lengthOf(change)),
  };
}

function lengthOf({ startAt, mixedUntil }: Change): number {
  return Math.max(0, mixedUntil - startAt);
}
