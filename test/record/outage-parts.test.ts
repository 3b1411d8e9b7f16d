import { describe, expect, it } from 'vitest';
import type { Attributed } from '../../src/record/fold/attribution.js';
import { createOutageLog } from '../../src/record/fold/outages.js';
import { OK, REFUSED, sample } from './build-run.js';

const ended = (flow: string, at: number, ok: boolean): Attributed => ({
  sample: sample({ seq: at, flow, dueAt: at - 1, outcome: ok ? OK : REFUSED }),
  flow: 0,
  phase: 1,
  at,
  ok,
  failed: !ok,
});

describe('the parts of an outage', () => {
  it('are those of each flow, and none of a flow that failed alone', () => {
    const log = createOutageLog();
    for (const [flow, at, ok] of [
      ['a', 10, false],
      ['b', 20, false],
      ['b', 30, true],
      ['a', 50, true],
      ['a', 90, false],
    ] as const)
      log.sample(ended(flow, at, ok));
    const [both, alone] = log.outages(100);
    const phases = { from: 1, to: 1 };
    expect(both?.parts).toEqual([
      { flow: 'a', startAt: 10, endAt: 50, durationMs: 40, phases },
      { flow: 'b', startAt: 20, endAt: 30, durationMs: 10, phases },
    ]);
    expect(alone).toMatchObject({ startAt: 90, endAt: 100, recovered: false });
    expect(alone?.parts).toBeUndefined();
  });

  it('are bounded, with the longest of every flow', () => {
    const log = createOutageLog();
    log.sample(ended('a', 0, false));
    for (let at = 10; at < 20_000; at += 10) log.sample(ended('b', at, at % 20 === 0));
    log.sample(ended('c', 20_000, false));
    const parts = log.outages(30_000)[0]?.parts ?? [];
    expect(parts.length).toBeLessThan(500);
    expect(new Set(parts.map(({ flow }) => flow))).toEqual(new Set(['a', 'b', 'c']));
  });
});
