import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/judge/judge.js';
import type { RunEvent } from '../../../src/model/event.js';
import type { PhaseLocks } from '../../../src/model/locks.js';
import type { Run } from '../../../src/model/run.js';
import type { LockSession } from '../../../src/model/watch.js';
import { buildRun, type Fate, type PhasePlan, threshold } from '../../record/build-run.js';
import { blind, looked, saw, sees, session, value, waited, watchHeader } from '../../record/observations.js';

// Phases: warmup 0-1000, baseline -11000, migrate -15000, reload -20000. 50 requests a second.
const PHASES: PhasePlan[] = [
  { name: 'warmup', kind: 'warmup', ms: 1000 },
  { name: 'baseline', kind: 'baseline', ms: 10_000 },
  { name: 'migrate', kind: 'migrate', ms: 4000 },
  { name: 'reload', kind: 'reload', ms: 5000, readyAfterMs: 500 },
];

/** Requests that are due in a time wait until it is over. */
const stalling =
  (from: number, to: number): Fate =>
  ({ dueAt }) =>
    dueAt >= from && dueAt < to ? { latencyMs: to - dueAt + 5 } : { latencyMs: 4 + (dueAt % 7) };

const READER = session(30, {
  ...{ application: 'report', state: 'idle in transaction', statement: 'select count(*) from orders' },
  ...{ holds: 'AccessShareLock', beganAt: 9000 },
});
const CHANGE = session(40, { application: 'alembic', statement: 'alter table orders add note text', beganAt: 11_100 });
const BUILD = session(40, {
  ...{ application: '', statement: 'create index on orders (note)', holds: 'ShareLock', beganAt: 11_100 },
});

/** An ALTER that waits for a reader, and sessions of the app behind it. */
function queue(from: number, to: number): RunEvent[] {
  return [
    ...waited(from, to, { waiting: CHANGE, blocker: READER, mode: 'AccessExclusiveLock' }),
    ...[1, 2, 3].flatMap((pid) =>
      waited(from + 20 * pid, to, {
        ...{ waiting: session(pid), behind: [40], ahead: CHANGE, blocker: READER, mode: 'AccessShareLock' },
      }),
    ),
  ];
}

/** Sessions of the app that wait for a lock that another one holds. */
const held = (from: number, to: number, blocker: LockSession | null): RunEvent[] =>
  [1, 2].flatMap((pid) => waited(from + 10 * pid, to, { waiting: session(pid), blocker }));

function run(fate: Fate, ...events: RunEvent[]): Run {
  const all = [sees(500), ...looked(1000, 20_000), ...events];
  const version = { declared: false, changes: false };
  return buildRun({ phases: PHASES, watch: [watchHeader('postgres', 'db')], version, fate, events: all });
}

const inMigrate = (made: Run): PhaseLocks | undefined => judge(made).locks?.phases.find(({ phase }) => phase === 2);
const lockFinding = (made: Run) => judge(made).findings.find(({ rule }) => rule === 'lock-waits');

describe('waits for locks', () => {
  it('are summed up by phase: how long users waited, for whom, and that their requests show it', () => {
    const made = run(stalling(12_000, 14_000), ...queue(12_000, 14_000));
    expect(inMigrate(made)).toMatchObject({
      ...{ windows: [{ from: 12_020, to: 14_000 }], blockedMs: 1980, errorMs: 10.5, kind: 'queue', sessions: 3 },
      ...{ byKind: { queue: 1980, held: 0, other: 0 }, waitedMs: 2000, relations: ['orders'] },
      ...{ change: { pid: 40 }, reader: { pid: 30 }, longest: { pid: 1 } },
      latency: { verdict: 'lock', slow: 99, within: expect.any(Number) },
    });
    const { locks } = judge(made);
    expect(locks).toMatchObject({ blockedMs: 1980, waitedMs: 2000, dropped: 0 });
    expect(locks?.waits.map(({ ofChange, phase }) => [ofChange, phase])).toEqual([
      [true, 2],
      [false, 2],
      [false, 2],
      [false, 2],
    ]);
    expect(locks?.phases[0]?.latency?.p).toBeLessThanOrEqual(0.01);
  });

  it('behind a change that waits first and then takes its time are both, and the longer one counts', () => {
    const events = [
      ...waited(12_000, 12_400, { waiting: CHANGE, blocker: READER, mode: 'AccessExclusiveLock' }),
      ...waited(12_100, 14_000, { waiting: session(1), blocker: READER, ahead: CHANGE, behind: [40] }),
    ];
    expect(inMigrate(run(stalling(12_000, 14_000), ...events))).toMatchObject({
      ...{ byKind: { queue: 300, held: 1600, other: 0 }, kind: 'held', change: { pid: 40 } },
    });
  });

  it('are called by what was locked, not by the step alone: two requests that wait for each other', () => {
    const other = session(9, { statement: 'update orders set note = $1', holds: 'RowExclusiveLock' });
    expect(inMigrate(run(stalling(12_000, 13_000), ...held(12_000, 13_000, other)))?.kind).toBe('other');
    const job = session(9, { application: 'psql', statement: 'update orders set note = $1', beganAt: 11_200 });
    expect(inMigrate(run(stalling(12_000, 13_000), ...held(12_000, 13_000, job)))?.kind).toBe('held');
    const hidden = session(9, { application: 'psql', statement: null, beganAt: null, holds: 'RowExclusiveLock' });
    expect(inMigrate(run(stalling(12_000, 13_000), ...held(12_000, 13_000, hidden)))?.kind).toBeNull();
    expect(inMigrate(run(stalling(12_000, 13_000), ...held(12_000, 13_000, null)))?.kind).toBeNull();
  });

  it('are not what made requests slow where these were slow all the time, or not at all', () => {
    const slow: Fate = ({ dueAt }) => ({ latencyMs: dueAt > 11_000 && dueAt < 15_000 ? 150 : 5 });
    expect(inMigrate(run(slow, ...held(13_000, 13_200, BUILD)))?.latency).toMatchObject({ verdict: 'other' });
    expect(inMigrate(run(() => ({}), ...held(13_000, 13_200, BUILD)))?.latency).toMatchObject({
      slow: 0,
      verdict: 'none',
    });
  });

  it('of the change of the schema alone keep nobody waiting', () => {
    const own = waited(12_000, 13_000, { waiting: CHANGE, blocker: READER, locktype: 'virtualxid', mode: 'ShareLock' });
    const made = run(() => ({}), ...own);
    expect(inMigrate(made)).toMatchObject({ blockedMs: 0, waitedMs: 1000, sessions: 0, kind: null, latency: null });
    expect(lockFinding(made)).toMatchObject({ severity: 'note', claim: expect.stringContaining('waited 1.0 s') });
    expect(judge(made).verdict).toBe('zero-downtime');
  });

  it('behind the housekeeping of the server are for no change of the schema', () => {
    const vacuum = session(9, {
      application: 'autovacuum worker',
      user: null,
      statement: null,
      holds: 'AccessExclusiveLock',
    });
    expect(inMigrate(run(stalling(12_000, 13_000), ...held(12_000, 13_000, vacuum)))?.kind).toBe('other');
  });

  it('are values of their own for a threshold, and none of those of the watcher', () => {
    const limits = ['db', 'db/waiting', 'db/blocked_ms'].map((name) =>
      threshold('metric', { selector: { name }, aggregate: 'max', comparison: '<', value: 10, expression: 'max<10' }),
    );
    const values = [value(1500, 'connections', 4), value(12_000, 'connections', 5)];
    const events = [sees(1), ...values, value(12_000, 'waiting', 7), value(12_000, 'blocked_ms', 800)];
    const made = buildRun({ phases: PHASES, watch: [watchHeader('postgres', 'db')], thresholds: limits, events });
    const rows = judge(made).thresholds.filter(({ phase }) => phase === 'run');
    expect(rows.map(({ actual, ok }) => [actual, ok])).toEqual([
      [5, true],
      [7, true],
      [800, false],
    ]);
  });

  it('are null where nobody looked', () => {
    const made = buildRun({ watch: [watchHeader('postgres', 'db')], events: [sees(1), value(1000, 'connections', 2)] });
    expect(judge(made).locks).toBeNull();
  });

  it('in the baseline as well are the usual, and no finding', () => {
    const other = session(9, { statement: 'update orders set n = n + 1', holds: 'RowExclusiveLock' });
    const usual = Array.from({ length: 12 }, (_, n) => held(2000 + 1000 * n, 2150 + 1000 * n, other)).flat();
    expect(lockFinding(run(() => ({}), ...usual))).toBeUndefined();
    expect(lockFinding(run(() => ({}), ...held(12_000, 12_500, BUILD)))?.evidence.at(-1)).not.toContain('baseline');
  });

  it('and the same run is judged the same', () => {
    const made = () => judge(run(stalling(12_000, 14_000), ...queue(12_000, 14_000)));
    expect(JSON.stringify(made().locks)).toBe(JSON.stringify(made().locks));
  });
});

describe('the cause of a stall in a migration', () => {
  const cause = (made: Run) => judge(made).cause;

  it('is the queue where the change itself waited', () => {
    const found = cause(run(stalling(12_000, 14_000), ...queue(12_000, 14_000)));
    expect(found).toMatchObject({ rule: 'lock-queue', confidence: 'high' });
    const text = found?.evidence.join('\n') ?? '';
    for (const part of [
      'orders was locked for 2.0 s',
      'alter table orders',
      'report, idle in transaction',
      '3 sessions',
    ])
      expect(text).toContain(part);
  });

  it('is the lock where the change held it', () => {
    const found = cause(run(stalling(12_000, 14_000), ...held(12_000, 14_000, BUILD)));
    expect(found).toMatchObject({ rule: 'write-lock', confidence: 'high' });
    expect(found?.evidence.join('\n')).toContain('create index on orders (note)');
  });

  it('is neither where nobody waited for a lock, and that was seen', () => {
    const weight = (made: Run) =>
      ['lock-queue', 'write-lock'].includes(cause(made)?.rule ?? '') && cause(made)?.confidence;
    const stalled = stalling(12_000, 14_000);
    const unwatched = buildRun({ phases: PHASES, watch: [watchHeader('link')], fate: stalled });
    expect(weight(unwatched)).toBe('high');
    expect(weight(run(stalled))).not.toBe('high');
    expect(weight(run(stalled, blind(12_500, 'lost'), sees(13_000)))).toBe('high');
    expect(weight(run(stalled, saw(13_000, { what: 'lock-looks', looks: 1, gapMs: 900, dropped: 0 })))).toBe('high');
  });

  it('changes no verdict, and the finding on locks is a note beside it', () => {
    const { verdict, findings } = judge(run(stalling(12_000, 14_000), ...queue(12_000, 14_000)));
    expect(verdict).toBe('downtime');
    expect(findings.find(({ rule }) => rule === 'lock-waits')?.severity).toBe('note');
    const short = judge(run(stalling(12_000, 12_600), ...queue(12_000, 12_600)));
    expect(short.verdict).toBe('zero-downtime');
    expect(short.findings.find(({ rule }) => rule === 'lock-waits')).toMatchObject({
      ...{ severity: 'risk', phase: 'migrate' },
      remedy: expect.stringContaining('lock_timeout'),
    });
  });
});

it('what a watcher could not see beside the rest is a note', () => {
  const what = 'the statements of other roles: GRANT pg_monitor TO watcher';
  const made = run(() => ({}), saw(600, { what: 'unseen', detail: what }), saw(700, { what: 'unseen', detail: what }));
  const notes = judge(made).findings.filter(({ rule }) => rule === 'watcher-blind');
  expect(notes).toMatchObject([{ severity: 'note', claim: `db could not see ${what}.` }]);
});
