import { describe, expect, it } from 'vitest';
import { Live } from '../../src/cli/live.js';
import type { Threshold } from '../../src/model/threshold.js';
import { headerOf, OK, REFUSED, sample } from '../record/build-run.js';

const latencyLimit: Threshold = {
  metric: 'latency',
  selector: {},
  expression: 'p(99)<2*baseline',
  aggregate: { p: 99 },
  comparison: '<',
  value: 2,
  timesBaseline: true,
  level: 'fail',
  abortOnFail: false,
  delayAbortEvalMs: 0,
  origin: 'user',
  source: null,
};

describe('what the screen shows of a run', () => {
  it('counts answers of a rate limiter apart from failures', () => {
    const live = new Live(headerOf({}));
    live.sample(sample({ seq: 0, dueAt: 0, outcome: OK }));
    live.sample(sample({ seq: 1, dueAt: 20, outcome: REFUSED }));
    live.sample(sample({ seq: 2, dueAt: 40, outcome: { kind: 'blocked', status: 429, detail: '' } }));
    expect(live.view(100).counts).toMatchObject({ requests: 3, ok: 1, failed: 1, blocked: 1, unsent: 0 });
  });

  it('says what Ctrl-C leads to, as far as the release has come', () => {
    const steps = [
      { name: 'migrate', kind: 'migrate' as const },
      { name: 'deploy', kind: 'custom' as const },
    ];
    const told = (rollback: { name: string }[]) => {
      const live = new Live({ ...headerOf({}), steps, rollback });
      const phase = { type: 'phase', at: 0, role: 'release' } as const;
      const texts = [live.view(0).onInterrupt];
      for (const step of steps) {
        live.event({ ...phase, ...step });
        texts.push(live.view(0).onInterrupt);
      }
      live.event({ ...phase, name: 'rollback', kind: 'rollback', role: 'emergency' });
      return [...texts, live.view(0).onInterrupt];
    };
    expect(told([{ name: 'rollback' }])).toEqual(['stop', 'stop', 'roll back', 'finish the rollback']);
    const without = told([]).slice(0, 3);
    expect(without).toEqual(['stop', 'stop (no rollback is defined)', 'stop (no rollback is defined)']);
    expect(new Live({ ...headerOf({}), steps: [], rollback: [] }).view(0).onInterrupt).toBe('end the recording');
  });

  it('tells what probes found that users lost, and nothing of risks', () => {
    const live = new Live(headerOf({}));
    live.event({ type: 'phase', at: 9_000, name: 'reload', kind: 'reload', role: 'release' });
    const fault = { type: 'probe-fault', at: 9_500, since: 9_000, detail: '' } as const;
    live.event({ ...fault, probe: 'idle', count: 'closedUnannounced' });
    expect(live.view(10_000)).toMatchObject({ counts: { probeFaults: 0 }, lastFailure: null });
    live.event({ ...fault, probe: 'ledger', count: 'lost' });
    expect(live.view(10_000)).toMatchObject({
      counts: { probeFaults: 1 },
      lastFailure: '9.5 s ledger lost (reload +0.5 s)',
    });
  });

  it('has the rate of the moment, with stages and changes by steps', () => {
    const header = headerOf({ ratePerSec: 20 });
    header.traffic.streams = [
      {
        name: '',
        rate: [
          { at: 0, fromPerSec: 0, toPerSec: 100, forMs: 10_000 },
          { at: 10_000, fromPerSec: 100, toPerSec: 100, forMs: null },
        ],
      },
      { name: 'checkout', rate: [{ at: 0, fromPerSec: 5, toPerSec: 5, forMs: null }] },
    ];
    const live = new Live(header);
    live.event({ type: 'traffic-started', at: 900, firstDueAt: 1000, ratePerSec: 5 });
    expect(live.view(6_000).ratePerSec).toBeCloseTo(55, 9);
    live.event({ type: 'rate', at: 20_000, from: 20_000, stream: 0, ratePerSec: 300 });
    expect(live.view(21_000).ratePerSec).toBeCloseTo(305, 9);
    live.event({ type: 'rate', at: 30_000, from: 30_000, stream: 0, ratePerSec: null });
    expect(live.view(31_000).ratePerSec).toBeCloseTo(105, 9);
  });

  it('has the lowest limit of the p99, that in terms of the baseline once its p99 is known', () => {
    const header = headerOf({});
    const fixed = { ...latencyLimit, expression: 'p(99)<500', value: 500, timesBaseline: false };
    header.thresholds = [fixed, latencyLimit, { ...latencyLimit, selector: { flow: 'home' }, value: 1 }];
    const live = new Live(header);
    live.event({ type: 'phase', at: 0, name: 'baseline', kind: 'baseline', role: 'release' });
    for (let seq = 0; seq < 200; seq += 1) live.sample(sample({ seq, dueAt: seq * 5, endedAt: seq * 5 + 40 }));
    expect(live.view(1000).p99LimitMs).toBe(500);
    live.event({ type: 'phase', at: 1000, name: 'switch', kind: 'switch', role: 'release' });
    expect(live.view(1001).p99LimitMs).toBe(80);
  });

  it('knows no limit where no threshold sets one, and how long the run may take where it is told', () => {
    const header = headerOf({});
    header.thresholds = [{ ...latencyLimit, level: 'warn' }];
    expect(new Live(header).view(0)).toMatchObject({ p99LimitMs: null, expectedMs: null });
    expect(new Live(header, 61_000).view(0).expectedMs).toBe(61_000);
  });
});
