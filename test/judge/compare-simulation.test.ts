import { describe, expect, it } from 'vitest';
import { compareLatency } from '../../src/judge/compare/latency.js';
import { failureRateUpper95 } from '../../src/judge/statistics.js';
import type { ChangeState, LatencyChange } from '../../src/model/comparison.js';
import { evidenceOf, type Process, p99Of, type StepPlan, series } from './latency-process.js';

/**
 * What the comparison claims, held against simulated runs. Pairs are short (ten seconds a phase) so that there can be
 * thousands of them: with fewer blocks the tests have a harder time, not an easier one.
 */
const CALM: Process = {
  ratePerSec: 100,
  medianMs: 10,
  sigma: 0.3,
  phi: 0.6,
  bursts: { perSec: 0.1, lastMs: 20, addMs: 15 },
};
const NULLS: Process[] = [
  CALM,
  { ...CALM, sigma: 0.4, phi: 0.9, bursts: { perSec: 0.2, lastMs: 150, addMs: 40 } },
  { ...CALM, phi: 0.8, bursts: { perSec: 0.05, lastMs: 200, addMs: 60 } },
  { ...CALM, phi: 0, bursts: { perSec: 1, lastMs: 30, addMs: 20 } },
];

function has(rows: readonly LatencyChange[], state: ChangeState): boolean {
  return rows.some(({ p50, p99 }) => p50.state === state || p99.state === state);
}

function plan(process: Process, ms: number, names: readonly string[]): StepPlan[] {
  return names.map((name) => ({ name, process, ms }));
}

describe('a comparison of two runs of one process', { timeout: 120_000 }, () => {
  it('finds a change in at most 5 % of 2,000 pairs, whatever the autocorrelation and the bursts', () => {
    let found = 0;
    for (let pair = 0; pair < 2000; pair++) {
      const steps = plan(NULLS[pair % NULLS.length] as Process, 10_000, ['baseline', 'reload']);
      const { latency } = compareLatency([evidenceOf(`base ${pair}`, steps)], evidenceOf(`new ${pair}`, steps));
      if (has(latency, 'slower') || has(latency, 'faster')) found++;
    }
    expect(failureRateUpper95(found, 2000)).toBeLessThanOrEqual(0.05);
  });

  it('finds a change in at most 5 % of pairs with many rows', () => {
    let found = 0;
    for (let pair = 0; pair < 100; pair++) {
      const steps = plan(NULLS[pair % NULLS.length] as Process, 8000, ['baseline', 'build', 'switch', 'reload']);
      const flows = ['home', 'items', 'checkout'];
      const [base, fresh] = ['base', 'new'].map((name) => evidenceOf(`${name} ${pair}`, steps, flows));
      const { latency } = compareLatency([base as NonNullable<typeof base>], fresh as NonNullable<typeof fresh>);
      if (has(latency, 'slower') || has(latency, 'faster')) found++;
    }
    // 97 % of such samples have no more than this.
    expect(found).toBeLessThanOrEqual(9);
  });

  it('finds a change in at most 5 % of runs that differ among themselves by 20 %, once it knows five of them', () => {
    let found = 0;
    for (let trial = 0; trial < 100; trial++) {
      const runs = Array.from({ length: 6 }, (_, index) => {
        // Shifts that are as good as normal: the sum of twelve uniform numbers.
        const draws = series(
          `shift ${trial} ${index}`,
          { ...CALM, phi: 0, sigma: 1, bursts: { ...CALM.bursts, perSec: 0 } },
          1000,
        );
        const z = Math.log((draws.micros[50] as number) / 10_000);
        const process = { ...CALM, scale: Math.exp(0.2 * z) };
        // The baseline stays, so that nothing but the runs' own differences can keep the comparison silent.
        return evidenceOf(`${trial} ${index}`, [...plan(CALM, 8000, ['baseline']), ...plan(process, 8000, ['reload'])]);
      });
      const { latency } = compareLatency(runs.slice(0, 5), runs[5] as NonNullable<(typeof runs)[number]>);
      if (has(latency, 'slower') || has(latency, 'faster')) found++;
    }
    // 96 % of such samples have no more than this.
    expect(found).toBeLessThanOrEqual(9);
  });
});

describe('a planted regression', { timeout: 120_000 }, () => {
  /** Holds of 40 s at 200 requests a second. */
  const usual: Process = { ...CALM, ratePerSec: 200 };
  const steps = (process: Process) => [...plan(usual, 40_000, ['baseline']), ...plan(process, 40_000, ['reload'])];

  /** Stretches the tail until p99, and p99 alone, is 30 % higher in a long run. */
  function withHigherP99(): Process {
    const aim = 1.3 * p99Of(series('long', usual, 600_000));
    let [low, high] = [1, 4];
    for (let step = 0; step < 14; step++) {
      const stretch = (low + high) / 2;
      if (p99Of(series('long', { ...usual, stretch }, 600_000)) < aim) low = stretch;
      else high = stretch;
    }
    return { ...usual, stretch: low };
  }

  it('of 30 % in p99 alone is found in at least 95 % of 200 pairs', () => {
    const slow = withHigherP99();
    let found = 0;
    for (let pair = 0; pair < 200; pair++) {
      const { latency } = compareLatency(
        [evidenceOf(`base ${pair}`, steps(usual))],
        evidenceOf(`new ${pair}`, steps(slow)),
      );
      if (has(latency, 'slower')) found++;
    }
    expect(found).toBeGreaterThanOrEqual(190);
  });

  it('of 30 % in every latency is found as p50, in every pair', () => {
    for (let pair = 0; pair < 20; pair++) {
      const slow = steps({ ...usual, scale: 1.3 });
      const { latency } = compareLatency([evidenceOf(`base ${pair}`, steps(usual))], evidenceOf(`new ${pair}`, slow));
      expect(latency[0]?.p50.state).toBe('slower');
    }
  });

  it('is not blamed on the release where the baseline is as much slower', () => {
    for (let pair = 0; pair < 20; pair++) {
      const slow = plan({ ...usual, scale: 1.3 }, 40_000, ['baseline', 'reload']);
      const fresh = evidenceOf(`new ${pair}`, slow);
      const { latency, machine } = compareLatency([evidenceOf(`base ${pair}`, steps(usual))], fresh);
      expect({ slower: has(latency, 'slower'), machine: machine.length }).toEqual({ slower: false, machine: 1 });
      expect(latency[0]?.p50.reason).toMatch(
        /^the machine differs: the baseline's went from (9\.\d|10|10\.\d) ms to 13 ms/,
      );
    }
  });
});
