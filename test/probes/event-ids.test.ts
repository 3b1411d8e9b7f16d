import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventIds, idScheme } from '../../src/probes/event-ids.js';

/** Ids that have shown before the release that they count up by one, up to `last`. */
function learned(last: number, prefix = '') {
  const scheme = idScheme();
  const ids = eventIds(scheme);
  for (let number = last - 5; number <= last; number += 1) ids.see(`${prefix}${number}`, false);
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
        const seen = ids.see(`${number}`, resumed);
        if (skipped === 0) expect(seen).toEqual({ kind: 'next' });
        else expect(seen).toEqual({ kind: 'gap', missing: skipped, after: number - skipped - 1 });
      }
    }),
  );
});

test('takes what a new connection replays as repeated, and finds what is missing behind it', () => {
  const { ids } = learned(100);
  expect(ids.see('91', true).kind).toBe('repeated');
  for (let number = 92; number <= 100; number += 1) expect(ids.see(`${number}`, false).kind).toBe('repeated');
  expect(ids.see('101', false).kind).toBe('next');
  expect(ids.see('99', true).kind).toBe('repeated');
  expect(ids.see('104', false)).toEqual({ kind: 'gap', missing: 2, after: 101 });
});

test('takes a numbering that begins anew as no loss', () => {
  const { ids } = learned(100);
  expect(ids.see('1', true).kind).toBe('restarted');
  expect(ids.see('2', false).kind).toBe('next');
  expect(ids.see('4', false)).toEqual({ kind: 'gap', missing: 1, after: 2 });
  expect(ids.see('1732180000000', true).kind).toBe('restarted');
});

test('follows the number behind a prefix, each prefix for itself', () => {
  const { ids } = learned(100, 'orders-');
  expect(ids.see('users-7', false).kind).toBe('next');
  expect(ids.see('orders-101', false).kind).toBe('next');
  expect(ids.see('users-9', false)).toEqual({ kind: 'gap', missing: 1, after: 7 });
});

test('never calls an event lost where ids do not count up by one before the release', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 1000 }), { minLength: 1, maxLength: 30 }), (steps) => {
      const scheme = idScheme();
      const ids = eventIds(scheme);
      let number = 1_732_180_000_000;
      ids.see(`${number}`, true);
      for (const step of steps) {
        number += step;
        ids.see(`${number}`, false);
      }
      scheme.learning = false;
      for (let index = 0; index < 20; index += 1) ids.see(`${++number}`, false);
      expect(ids.see(`${number + 3}`, true).kind).toBe('next');
    }),
  );
});

test('says nothing of ids before it has seen them count', () => {
  const scheme = idScheme();
  const ids = eventIds(scheme);
  scheme.learning = false;
  expect([ids.see('1', true), ids.see('2', false), ids.see('5', true)].map(({ kind }) => kind)).toEqual([
    'next',
    'next',
    'next',
  ]);
});

test('reads ids of any text without following them', () => {
  const { ids } = learned(100);
  const odd = ['', 'a', '99999999999999999999999', `${'x'.repeat(2000)}7`, '[{"offset":12}]', '\u0000\u2028', '-'];
  for (const id of odd) expect(ids.see(id, false).kind).toBe('next');
  expect(ids.see('101', false).kind).toBe('next');
});

test('stays small whatever the ids are', () => {
  const { ids } = learned(100);
  for (let index = 0; index < 10_000; index += 1) ids.see(`topic${index}-1`, false);
  // Its own series was pushed out: what comes next begins a new one.
  expect(ids.see('250', false).kind).toBe('next');
});

test('holds nothing against the event behind one that could not be read', () => {
  const { ids } = learned(100);
  ids.forget();
  expect(ids.see('105', false).kind).toBe('next');
  expect(ids.see('107', false)).toEqual({ kind: 'gap', missing: 1, after: 105 });
});
