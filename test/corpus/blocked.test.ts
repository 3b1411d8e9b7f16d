import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockedTime, compareBlocked, type Wait, waitsInLog, waitsInRun } from './blocked.ts';
import { exampleRun } from './example.ts';

const zero = Date.parse('2026-01-01T00:00:00.000Z');
const window = { from: zero, to: zero + 60_000 };
const wait = (from: number, to: number, errorMs = 0): Wait => ({ from: zero + from, to: zero + to, errorMs });

/** As PostgreSQL 15 writes them. */
const log = `
2026-01-01 00:00:10.021 UTC [11] deploy LOG:  process 11 still waiting for AccessExclusiveLock on relation 16391 of database 16388 after 21.579 ms
2026-01-01 00:00:10.021 UTC [11] deploy DETAIL:  Process holding the lock: 9. Wait queue: 11.
2026-01-01 00:00:10.021 UTC [11] deploy STATEMENT:  ALTER TABLE items ADD COLUMN weight_grams integer;
2026-01-01 00:00:10.150 UTC [12] shop LOG:  process 12 still waiting for AccessShareLock on relation 16391 of database 16388 after 20.100 ms at character 40
2026-01-01 00:00:12.000 UTC [11] deploy LOG:  process 11 acquired AccessExclusiveLock on relation 16391 of database 16388 after 2000.500 ms
2026-01-01 00:00:12.000 UTC [11] deploy STATEMENT:  ALTER TABLE items ADD COLUMN weight_grams integer;
2026-01-01 00:00:12.010 UTC [12] shop LOG:  process 12 acquired AccessShareLock on relation 16391 of database 16388 after 1880.000 ms at character 40
2026-01-01 00:00:20.020 UTC [13] deploy LOG:  process 13 still waiting for ShareLock on transaction 801 after 20.000 ms
2026-01-01 00:00:20.050 UTC [14] shop ERROR:  column "gone" does not exist at character 8
2026-01-01 00:00:20.100 UTC [13] deploy ERROR:  canceling statement due to lock timeout
2026-01-01 00:00:20.200 UTC [13] deploy ERROR:  current transaction is aborted, commands ignored until end of transaction block
`.split('\n');

describe("waits in the server's log", () => {
  it('end with the lock, or with the statement that was given up', () => {
    const { waits, fromMs } = waitsInLog(log);
    expect(fromMs).toBe(20);
    expect(waits).toEqual([
      { from: zero + 9_999.5, to: zero + 12_000, errorMs: 0 },
      { from: zero + 10_130, to: zero + 12_010, errorMs: 0 },
      { from: zero + 20_000, to: zero + 20_100, errorMs: 0 },
    ]);
    expect(blockedTime(waits, window)).toMatchObject({ longestMs: 2000.5, blockedMs: 2110.5, stretches: 2 });
  });

  it('that have no end last until the window does', () => {
    const { waits } = waitsInLog(log.slice(0, 3));
    expect(blockedTime(waits, window).longestMs).toBeCloseTo(60_000 - 9999.421, 3);
  });

  it('are none where the log tells of none', () => {
    expect(waitsInLog(['', '2026-01-01 00:00:10.021 UTC [11] LOG:  checkpoint starting: time'])).toEqual({
      waits: [],
      fromMs: null,
    });
  });
});

describe('blocked time', () => {
  const waits = fc.array(
    fc
      .tuple(fc.integer({ min: -5000, max: 65_000 }), fc.integer({ min: 0, max: 9000 }))
      .map(([from, forMs]) => wait(from, from + forMs)),
    { maxLength: 30 },
  );

  it('is no less than the longest wait, and no more than all of them together or the window', () => {
    fc.assert(
      fc.property(waits, (all) => {
        const { longestMs, blockedMs, stretches } = blockedTime(all, window);
        expect(blockedMs).toBeGreaterThanOrEqual(longestMs);
        expect(blockedMs).toBeLessThanOrEqual(
          Math.min(
            window.to - window.from,
            all.reduce((sum, { from, to }) => sum + to - from, 0),
          ),
        );
        expect(stretches).toBeLessThanOrEqual(all.length);
      }),
    );
  });

  it('is the milliseconds in which anybody waited', () => {
    fc.assert(
      fc.property(waits, (all) => {
        let count = 0;
        for (let at = window.from; at < window.to; at += 1) {
          if (all.some(({ from, to }) => from <= at && at < to)) count += 1;
        }
        expect(blockedTime(all, window).blockedMs).toBe(count);
      }),
      { numRuns: 10 },
    );
  });
});

describe("the run's account", () => {
  const logged = waitsInLog(log);
  const limits = { log: 'log/postgres.log', withinMs: 50 };
  const seenIn = (waits: Wait[], gapMs = 25) => ({ waits, gapMs });
  const judge = (waits: Wait[] | null, more: object = {}, gapMs = 25) => {
    const seen = waits === null ? null : seenIn(waits, gapMs);
    const { state, disturbed } = compareBlocked({ ...limits, ...more }, logged, seen, window);
    return disturbed ? `${state}, disturbed` : state;
  };
  const same = [wait(9_990, 12_020, 10), wait(10_120, 12_020, 10), wait(20_010, 20_110, 10)];

  it.each([
    ['holds', same],
    ['contradicts', []],
    ['contradicts', same.slice(1)],
    ['contradicts', [wait(9_990, 12_080, 10), ...same.slice(1)]],
    ['contradicts', [...same, wait(30_000, 30_200, 10)]],
    // Shorter than what the server names.
    ['holds', [...same, wait(30_000, 30_015, 10)]],
    // It says itself that it looked late.
    ['unseen, disturbed', [wait(9_990, 12_080, 100), ...same.slice(1)]],
    ['contradicts', [wait(9_990, 12_280, 100), ...same.slice(1)]],
    ['unseen', null],
  ])('%s by its longest wait and by the time in which anybody waited (%#)', (state, seen) => {
    expect(judge(seen)).toBe(state);
  });

  it('is worth nothing for a wait that is shorter than the time between two looks', () => {
    expect(judge(same.slice(0, 2), { withinMs: 40 }, 60)).toBe('contradicts');
    expect(judge(same.slice(0, 2), { withinMs: 40 }, 150)).toBe('unseen, disturbed');
    expect(judge(same.slice(2), { withinMs: 40 }, 150)).toBe('contradicts');
    expect(judge([...same, wait(30_000, 30_200, 10)], { withinMs: 40 }, 150)).toBe('contradicts');
  });

  it.each([
    ['holds', { atLeastMs: 2000, atMostMs: 2100 }],
    ['contradicts', { atLeastMs: 2100 }],
    ['contradicts', { atMostMs: 1900 }],
  ])('%s where the longest wait of the log has limits: %o', (state, more) => {
    expect(judge(same, more)).toBe(state);
    expect(judge(null, { ...more, withinMs: undefined })).toBe(state);
  });

  it('may have no wait that is worth a word where the log has none', () => {
    const nothing = waitsInLog([]);
    expect(compareBlocked(limits, nothing, seenIn([wait(100, 140)]), window).state).toBe('holds');
    expect(compareBlocked(limits, nothing, seenIn([wait(100, 180)]), window).state).toBe('contradicts');
  });

  it("is read from run.json, whose times begin with the run's", () => {
    expect(waitsInRun(exampleRun())).toBeNull();
    const locks = [
      { startMs: 100, endMs: 250, errorMs: 5 },
      { startMs: 29_000, endMs: null, errorMs: 5 },
    ];
    expect(waitsInRun(exampleRun({ migration: { locks, lookGapMs: 31 } }))).toEqual({
      waits: [wait(100, 250, 5), wait(29_000, 30_000, 5)],
      gapMs: 31,
    });
  });
});
