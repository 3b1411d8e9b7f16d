import { describe, expect, it } from 'vitest';
import { reconciliation } from '../../src/judge/findings/reconciliation.js';
import { repeatedRequests, retriedUpstream } from '../../src/judge/findings/repeated-requests.js';
import { measure } from '../../src/judge/measure.js';
import { reconcile } from '../../src/judge/reconcile.js';
import type { RunEvent } from '../../src/model/event.js';
import type { LostCause, Outcome } from '../../src/model/outcome.js';
import type { Reconciliation } from '../../src/model/reconciliation.js';
import type { Run } from '../../src/model/run.js';
import type { ToldRequest, WatchHeader } from '../../src/model/watch.js';
import { reconciliationSection } from '../../src/report/html/reconciliation.js';
import type { View } from '../../src/report/html/view.js';
import { reconciliationJson } from '../../src/report/reconciliation-json.js';
import { buildRun, REFUSED, type RunPlan, wrong } from '../record/build-run.js';
import { blind, named, sees, watchHeader } from '../record/observations.js';
import { HOSTILE } from '../report/hostile.ts';

// 19 s at 50/s: 950 arrivals, one each 20 ms. Baseline from 1 s (#50), reload from 9 s (#450), rollback from 14 s (#700).
const LAST = 949;
const PROXY = [watchHeader('log', 'access.log')];
const all = (): [number, number] => [0, LAST];

function run(events: RunEvent[], rest: RunPlan = {}, watch: WatchHeader[] = PROXY): Run {
  return buildRun({ watch, events: [sees(0), ...events], ...rest });
}

function reconciled(events: RunEvent[], rest: RunPlan = {}): Reconciliation {
  return reconcile(measure(run(events, rest)))[0] as Reconciliation;
}

/** Requests #500 to #509 are refused, #520 to #524 get a 502. */
const FAILING: RunPlan = {
  fate: ({ seq }) => {
    if (seq >= 500 && seq < 510) return { outcome: REFUSED, version: null };
    return seq >= 520 && seq < 525 ? { outcome: wrong(502), version: null } : {};
  },
};
const told = (seq: number, rest: Partial<ToldRequest> = {}): ToldRequest => ({
  ...{ seq, at: 10_400, status: 502, method: 'GET', tries: [] },
  ...rest,
});
const BAD = [520, 521, 522, 523, 524].map((seq) => told(seq));
const ARRIVED: [number, number][] = [
  [0, 499],
  [510, LAST],
];

describe('failed requests held against a log that names every request', () => {
  it('are not held against a log that was not asked', () => {
    expect(reconcile(measure(run([])))).toEqual([]);
  });

  it('never arrived where the log names all that were answered, and not them', () => {
    const found = reconciled([named(18_900, ARRIVED, { told: BAD })], FAILING);
    expect(found).toMatchObject({
      side: 'proxy',
      logs: ['access.log'],
      named: 940,
      answered: 940,
      doubts: [],
      failed: 15,
    });
    expect(found.fates).toEqual({ 'never-arrived': 10, error: 5, 'given-up': 0, answered: 0, arrived: 0, unknown: 0 });
    expect(found.requests[0]).toMatchObject({ seq: 500, met: 'refused', fate: 'never-arrived', status: null });
    expect(found.requests.at(-1)).toMatchObject({ seq: 524, met: 'unexpected-status 502', fate: 'error', status: 502 });
  });

  it('arrived where they are named: with an error, a client that was gone, or an answer that got lost', () => {
    const gone = [told(500, { status: 499 }), told(501, { status: 0 }), told(502, { status: null })];
    const { fates, doubts } = reconciled([named(18_900, [all()], { told: [...BAD, ...gone] })], FAILING);
    expect(doubts).toEqual([]);
    expect(fates).toEqual({ 'never-arrived': 0, error: 6, 'given-up': 1, answered: 7, arrived: 1, unknown: 0 });
  });

  it.each<[string, RunEvent[], string]>([
    [
      'lacks a single one that was answered',
      [
        named(
          18_900,
          [
            [0, 299],
            [301, 499],
            [510, LAST],
          ],
          { told: BAD },
        ),
      ],
      'the log does not name 1 of 940 answered requests, so it may lack others as well',
    ],
    [
      'was cut',
      [named(18_900, ARRIVED, { told: BAD, gaps: ['access.log was cut while it was written'] })],
      'at 18.9 s: access.log was cut while it was written',
    ],
    [
      'was blind for a moment',
      [blind(9_900, 'no permission'), sees(9_950), named(18_900, ARRIVED, { told: BAD })],
      'access.log was not seen all the time: no permission',
    ],
    [
      'holds what another run sent',
      [named(18_900, [...ARRIVED, [5000, 5004]], { told: BAD })],
      "the log names 5 requests more than were answered: some are another run's",
    ],
  ])('are of unknown fate where the log %s', (_title, events, doubt) => {
    const { fates, doubts } = reconciled(events, FAILING);
    expect(doubts).toEqual([doubt]);
    expect(fates).toEqual({ 'never-arrived': 0, error: 5, 'given-up': 0, answered: 0, arrived: 0, unknown: 10 });
  });

  it('are unknown where the log names none at all, and where the run was cut', () => {
    const none = reconciled([named(500, [])], FAILING);
    expect(none.doubts).toEqual([
      'the log names no request of the traffic: it needs the id `zdd-${seq}` in every line',
    ]);
    expect(none.fates.unknown).toBe(15);
    const cut = reconciled([named(18_900, ARRIVED, { told: BAD })], { ...FAILING, end: null, ended: false });
    expect(cut.doubts).toEqual(['the run was cut, and its last second with it']);
    expect(cut.fates['never-arrived']).toBe(0);
  });

  it('are not doubted for requests of the warm-up that came before the log was looked at', () => {
    expect(
      reconciled(
        [
          named(
            18_900,
            [
              [20, 499],
              [510, LAST],
            ],
            { told: BAD },
          ),
        ],
        FAILING,
      ).doubts,
    ).toEqual([]);
    expect(
      reconciled(
        [
          named(
            18_900,
            [
              [60, 499],
              [510, LAST],
            ],
            { told: BAD },
          ),
        ],
        FAILING,
      ).doubts,
    ).not.toEqual([]);
  });

  it.each([{ untold: 3 }, { mute: 1 }])('arrived, and no more, where lines were left out or have no status', (rest) => {
    const { fates } = reconciled([named(18_900, ARRIVED, { told: BAD.slice(1), ...rest })], FAILING);
    expect(fates).toEqual({ 'never-arrived': 10, error: 4, 'given-up': 0, answered: 0, arrived: 1, unknown: 0 });
  });

  it('are named where one of several proxies names them', () => {
    const watch = [watchHeader('log', 'a.log'), watchHeader('log', 'b.log')];
    const events = [
      sees(0, 1),
      named(18_900, [[0, 400]], {}, 0),
      named(
        18_900,
        [
          [401, 499],
          [510, LAST],
        ],
        { told: BAD },
        1,
      ),
    ];
    const [found] = reconcile(measure(run(events, FAILING, watch)));
    expect(found).toMatchObject({ logs: ['a.log', 'b.log'], doubts: [], named: 940 });
  });
});

describe('failed requests that a whole log does not name', () => {
  const lost = (cause: LostCause): Outcome => ({ kind: 'lost', cause, status: null, detail: '' });
  /** Requests #500 to #509 end so; where they were written, 1 ms after they were due. */
  const ending = (
    outcome: Outcome,
    { ms = 1500, written = true, connection = 'reused' as 'fresh' | 'reused' } = {},
  ) => {
    const of = run([named(18_900, ARRIVED, { side: 'app' })], {
      fate: ({ seq }) => (seq >= 500 && seq < 510 ? { outcome, version: null, latencyMs: ms, connection } : {}),
    });
    for (const failure of of.failures) failure.connectedAt = written ? failure.dueAt + 1 : null;
    return { of, ...(reconcile(measure(of))[0] as Reconciliation) };
  };

  it.each<[string, Outcome, Parameters<typeof ending>[1]]>([
    ['cut while they were under way', lost('reset'), {}],
    ['closed while they were under way', lost('closed'), {}],
    ['cut at once on a connection of their own', lost('reset'), { ms: 5, connection: 'fresh' }],
    ['left without an answer', lost('timeout'), { ms: 5000 }],
    ['answered in part', lost('truncated'), { ms: 5 }],
  ])('may have come where they were %s: a line is written when a request is done', (_title, outcome, rest) => {
    const { of, fates, doubts } = ending(outcome, rest);
    expect(fates).toMatchObject({ 'never-arrived': 0, unknown: 10 });
    expect(doubts).toEqual(['10 had been sent, and a request that is cut or hangs may have no line']);
    const [finding] = reconciliation.find(measure(of), null as never, null as never);
    expect(finding?.claim).toBe(
      'It is unknown what became of 10 requests that failed at the app: its log does not tell.',
    );
  });

  it.each<[string, Outcome, Parameters<typeof ending>[1]]>([
    ['got no connection', REFUSED, { ms: 1, written: false }],
    ['got none in time', lost('timeout'), { written: false }],
    ['met no TLS', lost('tls'), { written: false }],
    ['were sent into the close of a kept connection', lost('reset'), { ms: 5 }],
    ['were refused unread', lost('goaway'), {}],
  ])('never arrived where they %s', (_title, outcome, rest) => {
    const { fates, doubts } = ending(outcome, rest);
    expect(fates).toMatchObject({ 'never-arrived': 10, unknown: 0 });
    expect(doubts).toEqual([]);
  });
});

describe('requests that were repeated', () => {
  const tries = (...connected: (boolean | null)[]) => connected.map((each) => ({ status: 502, connected: each }));

  it('were tried again behind the proxy; only where two servers had a connection may both have done the work', () => {
    const retried = [
      told(510, { status: 200, tries: tries(false, true), method: 'POST' }),
      told(511, { status: 200, tries: tries(true, true), method: 'POST' }),
      told(512, { status: 200, tries: tries(null, null) }),
      told(100, { at: 2500, status: 200, tries: tries(true, true) }),
    ];
    const found = reconciled([named(18_900, [all()], { told: retried })]);
    expect(found.retried.map(({ seq }) => seq)).toEqual([510, 511, 512]);
    expect(found.repeated).toMatchObject([{ seq: 511, unsafe: true, tries: 2, connected: 2, failed: false }]);
  });

  it('were executed twice where an app names them twice, unless it does so in the baseline too', () => {
    const app = { side: 'app' } as const;
    const twice = reconciled([named(11_000, [all()], app), named(11_900, [530], app)]);
    expect(twice.repeated).toMatchObject([{ seq: 530, method: 'GET', unsafe: false, tries: 0 }]);
    const always = reconciled([
      named(
        3_000,
        [
          [0, 99],
          [10, 12],
        ],
        app,
      ),
      named(18_900, [[100, LAST], 530], app),
    ]);
    expect(always.repeated).toEqual([]);
    expect(always.repeatDoubts).toEqual([
      'the log names 3 requests more than once where nothing is released: a repeat says nothing',
    ]);
  });
});

describe('findings of the reconciliation', () => {
  const findings = (events: RunEvent[], rest: RunPlan = {}) => {
    const m = measure(run(events, rest));
    return [reconciliation, retriedUpstream, repeatedRequests].flatMap((rule) =>
      rule.find(m, null as never, null as never),
    );
  };

  it('say how many failed requests came how far, and what is not known', () => {
    const [found] = findings([named(18_900, ARRIVED, { told: BAD })], FAILING);
    expect(found).toMatchObject({
      severity: 'note',
      claim:
        'Of 15 requests that failed, 10 never arrived at the proxy, and 5 were answered by the proxy with an error.',
    });
    expect(found?.evidence[1]).toBe(
      'never-arrived: #500 home at 10.0 s, refused; #501 home at 10.0 s, refused; #502 home at 10.0 s, refused',
    );
    const [unknown] = findings([named(18_900, [[0, 400]])], FAILING);
    expect(unknown?.claim).toBe(
      'It is unknown what became of 15 requests that failed at the proxy: its log does not tell.',
    );
  });

  it('are silent where nothing failed and nothing was repeated', () => {
    expect(findings([named(18_900, [all()])])).toEqual([]);
  });

  it('call a repeated write a risk, and a repeated read a note', () => {
    const pair = [1, 2].map(() => ({ status: 200, connected: true }));
    const write = findings([
      named(18_900, [all()], { told: [told(510, { status: 200, tries: pair, method: 'POST' })] }),
    ]);
    expect(write.map(({ severity }) => severity)).toEqual(['risk', 'risk']);
    const read = findings([named(18_900, [all()], { told: [told(510, { status: 200, tries: pair })] })]);
    expect(read.map(({ severity }) => severity)).toEqual(['risk', 'note']);
    expect(read[1]?.claim).toBe(
      '1 request reached more than one server, and may have been executed by each: 0 with a method that does something again.',
    );
  });
});

describe('the report of the reconciliation', () => {
  const shown = (of: Run, found: Reconciliation[]) =>
    reconciliationSection.render({ run: of, judgement: { reconciliation: found } } as unknown as View)?.text ?? null;

  it('is not there where no log was asked', () => {
    expect(shown(run([]), [])).toBeNull();
  });

  it('is in run.json with the names of phases, and times in ms', () => {
    const of = run([named(18_900, ARRIVED, { told: BAD })], FAILING);
    const [json] = reconciliationJson(of, reconcile(measure(of)));
    expect(json?.requests[0]).toEqual({
      ...{
        seq: 500,
        flow: 'home',
        endMs: 10_001,
        phase: 'reload',
        met: 'refused',
        fate: 'never-arrived',
        status: null,
      },
    });
    expect(json).toMatchObject({ side: 'proxy', failed: 15, fates: { 'never-arrived': 10, error: 5 }, retried: [] });
  });

  it('escapes what logs and scenarios say', () => {
    const of = run([named(18_900, ARRIVED, { told: BAD, gaps: [HOSTILE] })], FAILING);
    const found = reconcile(measure(of)).map((each) => ({
      ...{ ...each, logs: [HOSTILE], repeatDoubts: [HOSTILE] },
      requests: each.requests.map((request) => ({ ...request, flow: HOSTILE, met: HOSTILE })),
      retried: [{ seq: 1, at: 10_000, method: HOSTILE, unsafe: true, tries: 2, connected: null, failed: true }],
    }));
    const page = shown(of, found) ?? '';
    expect(page).not.toMatch(/<script|<img|\u001B|\u202E/);
    expect(page).toContain('answered with an error');
  });
});
