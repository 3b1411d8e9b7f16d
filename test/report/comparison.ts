import type { Comparison, QuantileChange } from '../../src/model/comparison.js';

/** A comparison whose new run is slower and fails in one step; every text is the one that is given. */
export function comparisonOf(text: string): Comparison {
  const change = (base: number, now: number): QuantileChange => ({
    ...{ base, new: now, interval95: [4, 14], baseRange: null, p: 0.001, pAdjusted: 0.002 },
    ...{ state: 'slower', reason: text },
  });
  const row = { step: text, role: 'release' as const, flow: text, samples: { base: 100, new: 100 }, a12: 0.7 };
  const run = { dir: text, runId: text, startedAt: text, verdict: 'zero-downtime' as const, release: text };
  return {
    ...{ schema: 'zdd-verify/comparison/v1', result: 'regression', headline: text, reasons: [text, text] },
    ...{ notes: [text], familyWiseErrorRate: 0.05, base: [{ ...run, healthy: true }], new: { ...run, healthy: true } },
    failures: [
      {
        ...{ kind: 'failed', step: text, role: 'release', what: text, state: 'worse', reason: text },
        ...{ base: [{ count: 0, requests: 100, longestMs: null }], new: { count: 3, requests: 100, longestMs: 20 } },
      },
    ],
    control: [],
    latency: [{ ...row, p50: change(10, 12), p99: change(31, 40) }],
  };
}
