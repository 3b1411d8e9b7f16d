import { describe, expect, it } from 'vitest';
import { Live } from '../../src/cli/live.js';
import { headerOf, OK, REFUSED, sample } from '../record/build-run.js';

describe('what the screen shows of a run', () => {
  it('counts answers of a rate limiter apart from failures', () => {
    const live = new Live(headerOf({}));
    live.sample(sample({ seq: 0, dueAt: 0, outcome: OK }));
    live.sample(sample({ seq: 1, dueAt: 20, outcome: REFUSED }));
    live.sample(sample({ seq: 2, dueAt: 40, outcome: { kind: 'blocked', status: 429, detail: '' } }));
    expect(live.view(100).counts).toMatchObject({ requests: 3, ok: 1, failed: 1, blocked: 1, unsent: 0 });
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
});
