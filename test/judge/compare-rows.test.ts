import { describe, expect, it } from 'vitest';
import type { RunEvidence } from '../../src/judge/compare/evidence.js';
import { compareLatency } from '../../src/judge/compare/latency.js';
import { evidenceOf, type Process } from './latency-process.js';

const CALM: Process = {
  ratePerSec: 100,
  medianMs: 10,
  sigma: 0.3,
  phi: 0.6,
  bursts: { perSec: 0.1, lastMs: 20, addMs: 15 },
};

/** A run of 10 s of baseline and 10 s of reload, whose latencies are this many times as long. */
function runOf(key: string, scale: number, rest: Partial<Process> = {}, baselineMs = 10_000, ms = 10_000): RunEvidence {
  const process = { ...CALM, ...rest };
  return evidenceOf(key, [
    { name: 'baseline', process, ms: baselineMs },
    { name: 'reload', process: { ...process, scale }, ms },
  ]);
}

const runs = (scales: readonly number[]) => scales.map((scale, index) => runOf(`base ${index}`, scale));

describe('a slower step', () => {
  it('is the release, and not the harness, where one of ten base runs was almost as slow', () => {
    const { latency } = compareLatency(runs([1, 1, 1, 1.6, 1, 1, 1, 1, 1, 1]), runOf('new', 1.8));
    expect(latency[0]?.p50).toMatchObject({ state: 'slower', reason: '' });
  });

  it('is the harness where end - sent is what it was', () => {
    const fresh = { ...runOf('new', 1.8), run: runOf('new', 1).run };
    const { latency } = compareLatency(runs([1, 1, 1, 1, 1]), fresh);
    expect(latency[0]?.p50).toMatchObject({ state: '~', reason: 'the harness was late, not the answers' });
  });

  it.each([2, 3, 4])('is too much for %i base runs that differ, if it is slower than each of them', (count) => {
    const base = runs([1, 2, 1.2, 1.6].slice(0, count));
    const [row] = compareLatency(base, runOf('new', 2.6)).latency;
    expect(row?.p50).toMatchObject({ state: '~', reason: expect.stringMatching(/^too few base runs: \d cannot say/) });
    const [within] = compareLatency(base, runOf('new', 1.9)).latency;
    expect(within?.p50).toMatchObject({ state: '~', reason: 'no more than chance' });
  });

  it('is no more than chance for five base runs that differ as much', () => {
    const [row] = compareLatency(runs([1, 2, 1.2, 1.6, 1.4]), runOf('new', 2.2)).latency;
    expect(row?.p50).toMatchObject({ state: '~', reason: 'no more than chance' });
  });
});

describe('a baseline', () => {
  const slower = (baselineMs: number, ratePerSec: number) =>
    compareLatency(
      [runOf('base', 1, { ratePerSec }, baselineMs, 40_000)],
      runOf('new', 1.5, { ratePerSec }, baselineMs, 40_000),
    ).latency[0];

  it.each([
    [3000, 100, '4.0 s'],
    [10_000, 15, '11.0 s'],
  ])(
    'of %i ms at %i/s cannot tell a slower release from a slower machine, and how long would do is said',
    (ms, rate, needed) => {
      const row = slower(ms, rate);
      const reason = expect.stringMatching(
        new RegExp(
          `^whether the machine differs cannot be told from the baseline: too few samples: .* take ${needed}$`,
        ),
      );
      expect(row).toMatchObject({ p50: { state: '~', reason }, p99: { state: '~', reason } });
    },
  );

  it('with a p50 alone can, for the p99 too', () => {
    expect(slower(10_000, 20)).toMatchObject({ p50: { state: 'slower' }, p99: { state: 'slower' } });
  });
});
