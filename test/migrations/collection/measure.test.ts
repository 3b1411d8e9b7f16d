import { describe, expect, it } from 'vitest';
import { parseCase } from './cases.ts';
import { type Attempt, isBlocked, isTelling, isUndecided, reasons } from './decide.ts';
import type { Observation } from './observe.ts';
import { isWrite } from './traffic.ts';
import { waitsOf } from './waits.ts';

const LOG = `
41 LOG:  process 41 still waiting for AccessShareLock on relation 16390 of database 5 after 10.071 ms
41 DETAIL:  Process holding the lock: 40. Wait queue: 41, 42.
41 STATEMENT:  SELECT 1
42 LOG:  process 42 still waiting for ShareLock on transaction 741 after 10.1 ms
42 DETAIL:  Processes holding the lock: 40, 39. Wait queue: 42.
42 LOG:  process 42 acquired ShareLock on transaction 741 after 99.4 ms
41 LOG:  process 41 acquired AccessShareLock on relation 16390 of database 5 after 812.345 ms
40 LOG:  duration: 900 ms
`;

const observed = (blockedMs: number, seen: Partial<Observation> = {}): Observation => ({
  rows: 1,
  migrationMs: 400,
  failed: null,
  invalidIndexes: [],
  oldErrors: [],
  blockedMs,
  blockedFor: 'AccessShareLock',
  silentMs: 0,
  down: null,
  ...seen,
});
const attempt = (small: number, large: number): Attempt => ({ small: observed(small), large: observed(large) });

describe('waits', () => {
  it('are read from the log with those who made them', () => {
    expect(waitsOf(LOG)).toEqual([
      { pid: 42, ms: 99.4, lock: 'ShareLock on transaction 741', others: [40, 39] },
      { pid: 41, ms: 812.345, lock: 'AccessShareLock on relation 16390 of database 5', others: [40, 42] },
    ]);
  });

  it.each([
    [0, 61, true],
    [0, 60, false],
    [20, 80, false],
    [20, 81, true],
    [300, 900, false],
  ])('of %i ms with few rows and %i ms with many: unsafe is %s', (small, large, expected) => {
    expect(isBlocked(attempt(small, large))).toBe(expected);
  });

  it.each([
    [0, 30, false],
    [0, 31, true],
    [0, 120, true],
    [0, 121, false],
    [100, 700, true],
  ])('of %i ms with few rows and %i ms with many: measured again is %s', (small, large, expected) => {
    expect(isUndecided([attempt(small, large)])).toBe(expected);
  });

  it('decide by most of three attempts', () => {
    const why = ['waits of 100 ms with 1 rows, 0 ms with 1: AccessShareLock'];
    expect(reasons([attempt(0, 100), attempt(0, 10), attempt(0, 100)])).toEqual(why);
    expect(reasons([attempt(0, 100), attempt(0, 10), attempt(0, 10)])).toEqual([]);
    expect(isUndecided([attempt(0, 100), attempt(0, 10)])).toBe(true);
    expect(isUndecided([attempt(0, 100), attempt(0, 10), attempt(0, 10)])).toBe(false);
  });

  it('are not ruled out by an attempt in which a busy machine kept the queries away', () => {
    const silent = { small: observed(0), large: observed(0, { silentMs: 101 }) };
    expect(isTelling(silent)).toBe(false);
    expect(isTelling({ ...silent, large: observed(0, { silentMs: 100 }) })).toBe(true);
    expect(isTelling({ ...silent, large: observed(100, { silentMs: 300 }) })).toBe(true);
    expect(isUndecided([silent, silent])).toBe(true);
    expect(isUndecided([silent, attempt(0, 0)])).toBe(false);
    expect(reasons([silent, silent, attempt(0, 500)])).toHaveLength(1);
    expect(isUndecided([{ ...silent, small: observed(0, { failed: 'no' }) }])).toBe(false);
  });
});

describe('a migration is unsafe', () => {
  const because = (seen: Partial<Observation>): string[] =>
    reasons([{ small: observed(0, seen), large: observed(0, seen) }]);
  const error = { sql: 'SELECT a', form: 'prepared' as const, sqlstate: '42703', message: 'no a' };

  it('never without a reason', () => {
    expect(because({})).toEqual([]);
  });

  it.each<[string, Partial<Observation>]>([
    ['it fails: 42601: syntax', { failed: '42601: syntax' }],
    ['the index i is left behind INVALID', { invalidIndexes: ['i'] }],
    ['old query: 42703 no a: prepared SELECT a', { oldErrors: [error] }],
    ['the way back fails: 42703: no a', { down: { failed: '42703: no a', newErrors: [] } }],
    ['new query after the way back: 42703 no a: prepared SELECT a', { down: { failed: null, newErrors: [error] } }],
  ])('because %s', (why, seen) => {
    expect(because(seen)).toEqual([why]);
  });
});

describe('a case', () => {
  const sections = '--- schema\nCREATE TABLE t ();\n--- rows\n--- up\nDROP TABLE t;\n--- old\nTABLE t;\n';

  it('may be safe on one version only', () => {
    const one = parseCase('x', `-- unsafe on 15: no\n-- safe on 18: yes\n-- holdout\n-- rows: 7\n\n${sections}`);
    expect(one).toMatchObject({ holdout: true, rows: 7, role: null, down: null, oldQueries: ['TABLE t'] });
    expect(one.intended).toEqual({ '15': { unsafe: true, why: 'no' }, '18': { unsafe: false, why: 'yes' } });
  });

  it.each([
    ['x: is it safe on PostgreSQL 18?', `-- safe on 15: y\n${sections}`],
    ['x: what is "-- save: y"?', `-- save: y\n${sections}`],
    ['x: the section up is missing', '-- safe: y\n--- schema\n--- rows\n--- old\n'],
    ['x: no section is called upp', `-- safe: y\n${sections}--- upp\n`],
  ])('is refused: %s', (message, text) => {
    expect(() => parseCase('x', text)).toThrow(message);
  });

  it.each([
    ['SELECT 1', false],
    ['TABLE t', false],
    ['SELECT 1 FROM t FOR UPDATE', true],
    ['INSERT INTO t VALUES (1)', true],
    ['WITH a AS (DELETE FROM t RETURNING 1) SELECT * FROM a', true],
  ])('%s writes: %s', (sql, expected) => {
    expect(isWrite(sql)).toBe(expected);
  });
});
