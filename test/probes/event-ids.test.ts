import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventIds, idScheme } from '../../src/probes/event-ids.js';

/** Ids that have shown for two seconds before the release that they count up by one, up to `last`; the last came at 0. */
function learned(last: number, prefix = '', everyMs = 100) {
  const scheme = idScheme();
  const ids = eventIds(scheme);
  for (let number = last - Math.max(5, Math.floor(2000 / everyMs)); number <= last; number += 1)
    ids.see(`${prefix}${number}`, false, (number - last) * everyMs);
  scheme.learning = false;
  return { scheme, ids };
}

test('finds every event that is missing, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 50 }), (steps) => {
      const { ids } = learned(100);
      let number = 100;
      for (const [skipped, resumed] of steps) {
        number += 1 + skipped;
        const seen = ids.see(`${number}`, resumed, (number - 100) * 100);
        if (skipped === 0) expect(seen).toEqual({ kind: 'next' });
        else expect(seen).toEqual({ kind: 'gap', missing: skipped, after: number - skipped - 1 });
      }
    }),
  );
});

test('takes what a new connection replays as repeated, and finds what is missing behind it', () => {
  const { ids } = learned(100);
  expect(ids.see('91', true, 0).kind).toBe('repeated');
  for (let number = 92; number <= 100; number += 1) expect(ids.see(`${number}`, false, 0).kind).toBe('repeated');
  expect(ids.see('101', false, 0).kind).toBe('next');
  expect(ids.see('99', true, 0).kind).toBe('repeated');
  expect(ids.see('104', false, 0)).toEqual({ kind: 'gap', missing: 2, after: 101 });
});

test('takes a numbering that begins anew as no loss', () => {
  const { ids } = learned(100);
  expect(ids.see('1', true, 0).kind).toBe('restarted');
  expect(ids.see('2', false, 0).kind).toBe('next');
  expect(ids.see('4', false, 0)).toEqual({ kind: 'gap', missing: 1, after: 2 });
  expect(ids.see('1732180000000', true, 0).kind).toBe('restarted');
});

test('follows the number behind a prefix, each prefix for itself', () => {
  const { ids } = learned(100, 'orders-');
  expect(ids.see('users-7', false, 0).kind).toBe('next');
  expect(ids.see('orders-101', false, 0).kind).toBe('next');
  expect(ids.see('users-9', false, 0)).toEqual({ kind: 'gap', missing: 1, after: 7 });
});

test('never calls an event lost where ids do not count up by one before the release', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 1000 }), { minLength: 1, maxLength: 30 }), (steps) => {
      const scheme = idScheme();
      const ids = eventIds(scheme);
      let number = 1_732_180_000_000;
      ids.see(`${number}`, true, 0);
      for (const step of steps) {
        number += step;
        ids.see(`${number}`, false, 0);
      }
      scheme.learning = false;
      for (let index = 0; index < 20; index += 1) ids.see(`${++number}`, false, 0);
      expect(ids.see(`${number + 3}`, true, 0).kind).toBe('next');
    }),
  );
});

test('says nothing of ids before it has seen them count', () => {
  const scheme = idScheme();
  const ids = eventIds(scheme);
  scheme.learning = false;
  expect([ids.see('1', true, 0), ids.see('2', false, 0), ids.see('5', true, 0)].map(({ kind }) => kind)).toEqual([
    'next',
    'next',
    'next',
  ]);
});

test('reads ids of any text without following them', () => {
  const { ids } = learned(100);
  const odd = ['', 'a', '99999999999999999999999', `${'x'.repeat(2000)}7`, '[{"offset":12}]', '\u0000\u2028', '-'];
  for (const id of odd) expect(ids.see(id, false, 0).kind).toBe('next');
  expect(ids.see('101', false, 0).kind).toBe('next');
});

test('stays small whatever the ids are', () => {
  const { ids } = learned(100);
  for (let index = 0; index < 10_000; index += 1) ids.see(`topic${index}-1`, false, 0);
  // Its own series was pushed out: what comes next begins a new one.
  expect(ids.see('250', false, 0).kind).toBe('next');
});

test('holds nothing against the event behind one that could not be read', () => {
  const { ids } = learned(100);
  ids.forget();
  expect(ids.see('105', false, 0).kind).toBe('next');
  expect(ids.see('107', false, 0)).toEqual({ kind: 'gap', missing: 1, after: 105 });
});

test('finds what a stream lost while it was away, however long that was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 10, max: 2000 }), (missing, everyMs) => {
      const { ids } = learned(1000, '', everyMs);
      const now = (missing + 1) * everyMs;
      expect(ids.see(`${1001 + missing}`, true, now)).toEqual({ kind: 'gap', missing, after: 1000 });
    }),
  );
});

test('takes the numbering of another process for no loss, whichever counted further', () => {
  const { ids } = learned(3600, '', 1000);
  expect(ids.see('5', true, 1000).kind).toBe('restarted');
  for (let number = 6; number <= 60; number += 1) ids.see(`${number}`, false, number * 1000);
  expect(ids.see('3700', true, 61_000).kind).toBe('restarted');
  expect(ids.see('3701', false, 62_000).kind).toBe('next');

  const { ids: others } = learned(100, '', 1000);
  expect(others.see('150', true, 1000).kind).toBe('restarted');
});

test('believes less of a numbering that began anew before, and still finds what was lost of it', () => {
  const { ids } = learned(100, '', 1000);
  expect(ids.see('1', true, 1000).kind).toBe('restarted');
  expect(ids.see('9', true, 2000).kind).toBe('restarted');
  expect(ids.see('12', true, 4000)).toEqual({ kind: 'gap', missing: 2, after: 9 });
  expect(ids.see('100', false, 5000)).toMatchObject({ kind: 'gap', missing: 87 });
});

test('holds each of several numberings against its own last event on a connection before', () => {
  const { ids } = learned(100, 'orders-', 1000);
  for (let number = 1; number <= 3; number += 1) ids.see(`users-${number}`, false, 0);
  expect(ids.see('orders-101', true, 1000).kind).toBe('next');
  expect(ids.see('users-500', false, 1100).kind).toBe('restarted');
  expect(ids.see('users-600', false, 1200)).toMatchObject({ kind: 'gap', missing: 99 });
});
