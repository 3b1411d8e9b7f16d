import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/model/event.js';
import { FAILING_APART_MS, PROBE_FAULTS_KEPT, type ProbeEvent, type ProbeRequestEvent } from '../../src/model/probe.js';
import type { Run } from '../../src/model/run.js';
import { buildRun } from './build-run.js';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000, rollback -19000.

function request(at: number, rest: Partial<ProbeRequestEvent> = {}): ProbeRequestEvent {
  const plain = { probe: 'inflight', name: 'get', connection: 'reused', ok: true, detail: '', version: null } as const;
  return { type: 'probe-request', at, sentAt: at - 10, ...plain, ...rest };
}

function probesOf(...events: ProbeEvent[]): Run['probes'] {
  return buildRun({ probes: ['inflight', 'ledger'], events: events as RunEvent[] }).probes;
}

describe('probes', () => {
  it('are all there, in the order of the scenario, also those that never said a word', () => {
    expect(probesOf().map(({ probe, readyAt, ended, counts }) => ({ probe, readyAt, ended, counts }))).toEqual([
      { probe: 'inflight', readyAt: null, ended: false, counts: { failed: 0, retried: 0 } },
      { probe: 'ledger', readyAt: null, ended: false, counts: { lost: 0, duplicated: 0, failed: 0, retried: 0 } },
    ]);
  });

  it('tell what they do, when they were ready and that they ended', () => {
    const [inflight] = probesOf(
      { type: 'probe-ready', at: 400, probe: 'inflight', detail: 'GET /slow every 500 ms' },
      { type: 'probe-ready', at: 900, probe: 'inflight', detail: 'GET /slow every 500 ms' },
      { type: 'probe-ended', at: 19_000, probe: 'inflight' },
    );
    expect(inflight).toMatchObject({ detail: 'GET /slow every 500 ms', readyAt: 400, ended: true });
  });

  it('count requests from the baseline on, in the phase in which they ended', () => {
    const failed = { ok: false, detail: 'reset ECONNRESET' };
    const [inflight] = probesOf(
      request(500, failed),
      request(1_500, { version: 'v1' }),
      request(9_200, { ...failed, sentAt: 8_900, version: 'v2' }),
      request(9_300, { version: 'v1' }),
    );
    expect(inflight).toMatchObject({ requests: 3, failed: 1, versions: ['v1', 'v2'] });
    expect(inflight?.failures).toEqual([{ sentAt: 8_900, at: 9_200, phase: 4, name: 'get', detail: failed.detail }]);
  });

  it('know which phases began while a request of theirs was in flight', () => {
    const [inflight] = probesOf(
      request(1_050, { sentAt: 900 }),
      request(6_900, { sentAt: 6_100 }),
      request(7_000, { sentAt: 6_500 }),
      request(14_100, { sentAt: 8_900 }),
    );
    expect(inflight?.straddled).toEqual([1, 4, 5]);
  });

  it('add up faults by phase and keep the first of each', () => {
    const fault = (at: number, count: string): ProbeEvent => ({
      type: 'probe-fault',
      ...{ at, probe: 'ledger', count, since: at - 5, detail: 'write 17' },
    });
    const many = Array.from({ length: PROBE_FAULTS_KEPT + 20 }, () => fault(15_000, 'lost'));
    const ledger = probesOf(fault(500, 'lost'), fault(9_100, 'lost'), fault(9_200, 'duplicated'), ...many)[1];
    expect(ledger?.counts).toEqual({ lost: PROBE_FAULTS_KEPT + 21, duplicated: 1, failed: 0, retried: 0 });
    expect(ledger?.byPhase).toEqual([
      { phase: 4, counts: { lost: 1, duplicated: 1 } },
      { phase: 5, counts: { lost: PROBE_FAULTS_KEPT + 20 } },
    ]);
    expect(ledger?.faults).toHaveLength(PROBE_FAULTS_KEPT + 2);
    expect(ledger?.faults[0]).toEqual({ at: 9_100, since: 9_095, phase: 4, count: 'lost', detail: 'write 17' });
  });

  const faultAt = (at: number, count: string, more: object = {}): ProbeEvent => ({
    type: 'probe-fault',
    ...{ at, probe: 'ledger', count, since: at - 5, detail: 'write 17', ...more },
  });

  it('keep of the faults past the list how many are alike, and when', () => {
    const first = Array.from({ length: PROBE_FAULTS_KEPT }, () => faultAt(9_050, 'failed'));
    const more = [9_110, 9_120, 9_130, 9_210].map((at) => faultAt(at, 'failed'));
    const silent = faultAt(9_140, 'failed', { silent: true });
    const retried = [9_300, 13_000].map((at) => faultAt(at, 'retried', { since: at - 1_020 }));
    const ledger = probesOf(...first, ...more, silent, ...retried)[1];
    expect(ledger?.faults).toHaveLength(PROBE_FAULTS_KEPT);
    expect(ledger?.unlisted).toEqual([
      { phase: 4, count: 'failed', at: 9_110, since: 9_105, times: 3 },
      { phase: 4, count: 'failed', at: 9_210, since: 9_205, times: 1 },
      { phase: 4, count: 'failed', at: 9_140, since: 9_135, silent: true, times: 1 },
      { phase: 4, count: 'retried', at: 9_300, since: 8_280, times: 2 },
    ]);
  });

  it('let one fault take the place of another, in its phase', () => {
    const lost = [9_100, 9_200].map((at) => faultAt(at, 'lost'));
    const back = faultAt(9_200, 'failed', { instead: 'lost' });
    const ledger = probesOf(...lost, faultAt(15_000, 'lost'), back)[1];
    expect(ledger?.counts).toMatchObject({ lost: 2, failed: 1 });
    expect(ledger?.byPhase).toEqual([
      { phase: 4, counts: { lost: 1, failed: 1 } },
      { phase: 5, counts: { lost: 1 } },
    ]);
    expect(ledger?.faults.map(({ at, count }) => [at, count])).toEqual([
      [9_100, 'lost'],
      [15_000, 'lost'],
      [9_200, 'failed'],
    ]);
  });

  it('know when requests failed, all of them, in few spans', () => {
    const span = fc.tuple(fc.integer({ min: 1_000, max: 18_000 }), fc.integer({ min: 0, max: 3_000 }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), (spans) => {
        const failed = spans.map(([from, ms]) => request(from + ms, { sentAt: from, ok: false }));
        const failing = probesOf(...failed)[0]?.failing ?? [];
        failing.forEach(({ from, to }, index) => {
          const next = failing[index + 1];
          if (next !== undefined) expect(next.from - to).toBeGreaterThan(FAILING_APART_MS);
          expect(spans.some((each) => each[0] === from) && spans.some((each) => each[0] + each[1] === to)).toBe(true);
        });
        for (const [from, ms] of spans)
          expect(failing.some((each) => each.from <= from && each.to >= from + ms)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('add counts up, replace gauges, and list the times they measured', () => {
    const counts = (at: number, acknowledged: number): ProbeEvent => ({
      type: 'probe-counts',
      ...{ at, probe: 'ledger', counts: { acknowledged }, gauges: { open: at } },
    });
    const time: ProbeEvent = { type: 'probe-time', at: 9_500, probe: 'ledger', name: 'reconnect', ms: 120 };
    const ledger = probesOf(counts(500, 100), counts(2_000, 7), counts(3_000, 8), time)[1];
    expect(ledger?.counts).toMatchObject({ acknowledged: 15, open: 3_000 });
    expect(ledger?.times).toEqual([{ at: 9_500, phase: 4, name: 'reconnect', ms: 120 }]);
  });
});
