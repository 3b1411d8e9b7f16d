import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model/event.js';
import type { Outcome } from '../../src/model/outcome.js';
import type { Run } from '../../src/model/run.js';
import type { Sample } from '../../src/model/sample.js';
import { senderOf } from '../../src/model/senders.js';
import { sumTallies } from '../../src/model/tally.js';
import { createFold } from '../../src/record/fold/fold.js';
import { createSendOrder } from '../../src/record/fold/sends.js';
import { buildRun, foldOf, lost, OK, PHASES, REFUSED, record, sample, TIMEOUT, wrong } from './build-run.js';

const OUTCOMES: Outcome[] = [
  OK,
  REFUSED,
  TIMEOUT,
  lost('reset'),
  wrong(500),
  { kind: 'retryable', cause: 'closed', status: null, detail: '' },
  { kind: 'blocked', status: 429, detail: '' },
  { kind: 'unsent', cause: 'late', detail: '' },
];

/** Everything but the histograms' inner arrays, whose layout depends on the order of growth. */
function comparable(run: Run): string {
  const cells = run.cells.map((cell) => ({
    ...cell,
    ...Object.fromEntries(
      (['sinceDue', 'sinceDueOk', 'sinceSent'] as const).map((key) => [
        key,
        [cell[key].totalCount, cell[key].maxValue, cell[key].minNonZeroValue],
      ]),
    ),
    maxBySecond: [...cell.maxBySecond],
  }));
  return JSON.stringify({ ...run, cells });
}

/** The same run in a fifth of the time. */
const SHORT = PHASES.map((phase) => ({ ...phase, ms: phase.ms / 5 }));

const fates = fc.array(
  fc.record({ outcome: fc.constantFrom(...OUTCOMES), latencyMs: fc.integer({ min: 0, max: 400 }) }),
  {
    minLength: 1,
    maxLength: 60,
  },
);

describe('conservation', () => {
  it('holds for every mix of outcomes: due = requests + unsent, requests = ok + failed + retryable + blocked', () => {
    fc.assert(
      fc.property(fates, (list) => {
        const run = buildRun({ fate: ({ seq }) => list[seq % list.length] ?? {} });
        const sum = (key: 'requests' | 'ok' | 'failed' | 'retryable' | 'blocked' | 'unsent') =>
          run.cells.reduce((total, cell) => total + cell[key], 0);
        expect(sum('requests') + sum('unsent') + run.warmup.requests + run.warmup.unsent).toBe(
          run.generator.dueByThread,
        );
        expect(sum('requests')).toBe(sum('ok') + sum('failed') + sum('retryable') + sum('blocked'));
        for (const { failed, byError } of run.cells)
          expect(Object.values(byError).reduce((a, b) => a + b, 0)).toBe(failed);
        expect(run.outages.reduce((total, { failed }) => total + failed, 0)).toBe(sum('failed'));
        expect(run.versions.reduce((total, { requests }) => total + requests, 0)).toBeLessThanOrEqual(sum('requests'));
        expect(run.buckets.reduce((total, { requests }) => total + requests, 0)).toBe(sum('requests'));
        expect(run.recordFaults).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('is the same in whatever order samples of one instant come', () => {
    fc.assert(
      fc.property(fates, fc.integer({ min: 1, max: 1000 }), (list, seed) => {
        const recorded = record({
          phases: SHORT,
          fate: ({ seq, dueAt }) => ({ ...list[seq % list.length], latencyMs: 400 - (dueAt % 400) }),
        });
        const shuffled = recorded.samples.toSorted(
          (a, b) => a.endedAt - b.endedAt || ((a.seq * seed) % 101) - ((b.seq * seed) % 101),
        );
        expect(comparable(foldOf({ ...recorded, samples: shuffled }).finish())).toBe(
          comparable(foldOf(recorded).finish()),
        );
      }),
      { numRuns: 8 },
    );
  });

  it('is the same live, event by event, with snapshots in between', () => {
    fc.assert(
      fc.property(fates, (list) => {
        const recorded = record({ phases: SHORT, fate: ({ seq }) => list[seq % list.length] ?? {} });
        const live = createFold(recorded.header);
        const timed = [
          ...recorded.events.map((event, order) => ({ at: event.type === 'header' ? 0 : event.at, order, event })),
          ...recorded.samples.map((item) => ({ at: item.endedAt, order: Number.MAX_SAFE_INTEGER, item })),
        ].sort((a, b) => a.at - b.at || a.order - b.order);
        timed.forEach((entry, index) => {
          if ('event' in entry) live.event(entry.event);
          else live.sample(entry.item);
          if (index % 97 === 0) live.snapshot();
        });
        expect(comparable(live.finish())).toBe(comparable(foldOf(recorded).finish()));
      }),
      { numRuns: 8 },
    );
  });
});

describe('a record that contradicts itself', () => {
  it('says which arrivals are missing', () => {
    expect(buildRun({ fate: ({ seq }) => ({ skip: seq === 7 }) }).recordFaults).toEqual([
      '1 arrivals of the schedule are missing from the record',
      'the sending thread counted 950 arrivals due and 950 recorded, and the record holds 949',
    ]);
  });

  it('says which are there twice', () => {
    const recorded = record({});
    const fold = foldOf(recorded);
    fold.sample(sample({ seq: 3, dueAt: 60, endedAt: 19_000 }));
    expect(fold.finish().recordFaults[0]).toBe('1 arrivals are on record twice');
  });

  it('says that the count is missing, but for a run that was cut', () => {
    expect(buildRun({ ended: false }).recordFaults).toEqual(['the sending thread never gave its own count']);
    expect(buildRun({ ended: false, end: null })).toMatchObject({ cut: true, recordFaults: [] });
  });

  it('says where samples make no sense', () => {
    const fold = foldOf(record({}));
    fold.sample(sample({ seq: 0, dueAt: 0, flow: 'unknown' }));
    fold.sample(sample({ seq: 1, dueAt: 0, endedAt: Number.NaN }));
    expect(fold.finish().recordFaults[0]).toContain('2 samples make no sense');
  });
});

describe('phases', () => {
  it('tile the run and tell the times of command, readiness and rollback', () => {
    const { phases, rollbacks } = buildRun();
    expect(phases.map(({ name, judged, due, sampled }) => [name, judged, due, sampled])).toEqual([
      ['warmup', false, 0, 0],
      ['baseline', true, 250, 250],
      ['build', true, 50, 50],
      ['migrate', true, 100, 100],
      ['reload', true, 250, 250],
      ['rollback', true, 250, 250],
    ]);
    for (const [index, { startAt }] of phases.entries()) expect(startAt).toBe(phases[index - 1]?.endAt ?? 0);
    expect(phases[4]).toMatchObject({ commandMs: 249, readyMs: 499, readyAt: 9_500, exitCode: 0, outcome: 'ok' });
    expect(rollbacks).toEqual([{ phase: 5, role: 'rehearsal', ms: 399 }]);
  });

  it('keep a rollback of two steps together, and one that was never ready without a time', () => {
    const rollback = { kind: 'rollback', role: 'emergency', ms: 1000 } as const;
    const two = [
      ...PHASES.slice(0, 4),
      { ...rollback, name: 'point' },
      { ...rollback, name: 'reload', readyAfterMs: 600 },
    ];
    expect(buildRun({ phases: two }).rollbacks).toEqual([{ phase: 4, role: 'emergency', ms: 1599 }]);
    const never = [...PHASES.slice(0, 4), { ...rollback, name: 'point', readyAfterMs: null }];
    expect(buildRun({ phases: never }).rollbacks).toEqual([{ phase: 4, role: 'emergency', ms: null }]);
  });
});

describe('versions', () => {
  it('count their requests, and the time in which two of them interleaved in each change', () => {
    const run = buildRun({
      fate: ({ dueAt }) => {
        if (dueAt < 9_000) return { version: 'v1' };
        if (dueAt < 9_200) return { version: dueAt % 40 === 0 ? 'v2' : 'v1' };
        return { version: dueAt < 14_000 ? 'v2' : 'v1' };
      },
    });
    expect(run.versions.map(({ version, firstAt, lastAt }) => [version, firstAt, lastAt])).toEqual([
      ['v1', 1_001, 18_981],
      ['v2', 9_001, 13_981],
    ]);
    expect(run.versionOverlapMs).toBe(180);
  });

  it('do not overlap in a clean switch there and back', () => {
    expect(buildRun().versionOverlapMs).toBe(0);
  });
});

describe('a loss that a browser hides', () => {
  it('is counted apart, and how soon it came is no latency of the app', () => {
    const retryable: Outcome = { kind: 'retryable', cause: 'reset', status: null, detail: '' };
    const { cells, buckets, overTime } = buildRun({
      fate: ({ seq }) => (seq % 2 === 0 ? { outcome: retryable, latencyMs: 0.3 } : { latencyMs: 5 }),
    });
    expect(sumTallies(cells)).toMatchObject({ requests: 900, ok: 450, retryable: 450, failed: 0 });
    for (const { sinceDue, sinceSent, retryable } of cells) {
      if (retryable > 0) expect([sinceDue.totalCount, sinceSent.totalCount]).toEqual([0, 0]);
      else expect(sinceDue.minNonZeroValue).toBeGreaterThan(4900);
    }
    expect(buckets.find(({ at }) => at === 9_000)).toMatchObject({ requests: 5, minMs: 5, p50Ms: 5 });
    expect(overTime.series.flows[0]?.p50Ms.every((ms) => (ms ?? 5) > 4)).toBe(true);
  });
});

describe('what a rate limiter or a cache answered', () => {
  const blocked = { outcome: { kind: 'blocked', status: 429, detail: '' }, version: 'waf' } as const;

  it('is counted apart, and its latency is none of the app', () => {
    const { cells, versions, buckets } = buildRun({
      fate: ({ dueAt }) => (dueAt === 9_000 ? { ...blocked, latencyMs: 0 } : { latencyMs: 5, cached: dueAt === 9_020 }),
    });
    const sum = sumTallies(cells);
    expect(sum).toMatchObject({
      requests: 900,
      ok: 899,
      blocked: 1,
      failed: 0,
      cached: 1,
      byStatus: { 200: 899, 429: 1 },
    });
    expect(cells.reduce((total, { sinceDue }) => total + sinceDue.totalCount, 0)).toBe(899);
    expect(versions.map(({ version }) => version)).not.toContain('waf');
    expect(buckets.find(({ at }) => at === 9_000)).toMatchObject({ requests: 5, failed: 0, minMs: 5 });
  });

  it('neither begins, ends nor is an outage or a stall', () => {
    expect(buildRun({ fate: ({ phase }) => (phase === 'reload' ? blocked : {}) })).toMatchObject({
      outages: [],
      stalls: [],
    });
    const within = buildRun({
      fate: ({ dueAt }) => (dueAt === 9_000 ? { outcome: REFUSED } : dueAt > 9_000 && dueAt < 11_000 ? blocked : {}),
    });
    expect(within.outages).toMatchObject([{ startAt: 9_001, endAt: 11_001, failed: 1 }]);
    expect(within.stalls).toMatchObject([{ startAt: 9_000, endAt: 11_001 }]);
  });
});

describe('the samples of a thread that stood still', () => {
  /** 900 ms of what one of two threads had recorded come when it wakes, behind all that the other one sent meanwhile. */
  const recordedLate = (events: RunEvent[]) => {
    const { header, samples, ...rest } = record({ threads: 2, events });
    const writtenAt = ({ seq, endedAt }: Sample) =>
      senderOf(seq, 2) === 0 && endedAt > 8_900 && endedAt < 9_800 ? 9_800 : endedAt;
    const late = samples.toSorted((a, b) => writtenAt(a) - writtenAt(b) || senderOf(b.seq, 2) - senderOf(a.seq, 2));
    return foldOf({ header, ...rest, samples: late }).finish();
  };

  it('contradict nothing where its pause is on record', () => {
    const run = recordedLate([{ type: 'pause', thread: 0, from: 9_000, at: 9_800 }]);
    expect(run.recordFaults).toEqual([]);
    expect([run.outages, run.stalls]).toEqual([[], []]);
  });

  it('contradict the record where no pause is', () => {
    const [fault] = recordedLate([{ type: 'pause', thread: 0, from: 7_000, at: 7_800 }]).recordFaults;
    expect(fault).toMatch(/samples are on record more than half a second out of order/);
  });
});

describe('a record that was damaged or is meant to fill the memory', () => {
  it('counts a sample with an impossible time as one that makes no sense', () => {
    const fold = foldOf(record({}));
    fold.sample(sample({ seq: 0, dueAt: 0, endedAt: 1e15 }));
    const { recordFaults, buckets } = fold.finish();
    expect(recordFaults).toContain('1 samples make no sense: an unknown flow or impossible times');
    expect(buckets).toHaveLength(180);
  });

  it('tells a hundred versions apart and puts the others together', () => {
    const { versions, cells } = buildRun({ fate: ({ seq }) => ({ version: `at ${seq}` }) });
    expect(versions).toHaveLength(51);
    expect(versions.at(-1)).toMatchObject({ version: '(others)', requests: 850 });
    expect(sumTallies(cells).requests).toBe(900);
  });
});

describe('the timeline', () => {
  it('has exact latencies in each 100 ms, and no holes', () => {
    const { buckets } = buildRun({
      ratePerSec: 100,
      fate: ({ dueAt }) => ({ latencyMs: dueAt >= 9_000 && dueAt < 9_500 ? 9_510 - dueAt : 1 + (dueAt % 100) / 100 }),
    });
    expect(buckets[0]).toMatchObject({ at: 1000, requests: 10, minMs: 1, p50Ms: 1.4, p99Ms: 1.9, maxMs: 1.9 });
    expect(buckets.find(({ at }) => at === 9_200)).toMatchObject({ requests: 0, p50Ms: null });
    expect(buckets.find(({ at }) => at === 9_500)).toMatchObject({ requests: 60, maxMs: 510 });
    expect(buckets).toHaveLength(180);
  });
});

describe('send gaps', () => {
  it('are those of the sends, not of their answers', () => {
    const { sendGaps, generator } = buildRun({ fate: ({ seq }) => ({ latencyMs: seq % 7 === 0 ? 900 : 1 }) });
    expect(sendGaps.every(({ maxMs }) => Math.abs(maxMs - 20) < 1e-6)).toBe(true);
    expect(generator.achievedRate).toBeCloseTo(50, 6);
  });

  it('count in every phase they reach into, per flow and as a whole', () => {
    const late = ({ dueAt }: { dueAt: number }) =>
      dueAt >= 8_900 && dueAt < 9_300 ? { lateMs: 9_300 - dueAt, latencyMs: 9_301 - dueAt } : {};
    const { sendGaps, phases } = buildRun({ fate: late });
    const wide = sendGaps.filter(({ maxMs }) => maxMs > 400).map(({ phase, flow }) => [phases[phase]?.name, flow]);
    expect(wide).toEqual([
      ['migrate', null],
      ['migrate', 'home'],
      ['reload', null],
      ['reload', 'home'],
    ]);
  });

  it('stay right in bounded memory where one arrival is never answered', () => {
    let largest = 0;
    const order = createSendOrder((_flow, sentAt, previous) => {
      largest = Math.max(largest, previous === null ? 0 : sentAt - previous);
    });
    for (let seq = 1; seq < 1_200_000; seq++) order.record(seq, 0, seq, seq);
    order.record(0, 0, 0, 0);
    order.finish();
    expect(largest).toBe(1);
    expect(order.counts()).toEqual({ rows: 1_200_000, twice: 0, missing: 0 });
  });
});
