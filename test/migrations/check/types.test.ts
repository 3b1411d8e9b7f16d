import { describe, expect, it } from 'vitest';
import type { SqlType } from '../../../src/migrations/check/ast.js';
import { costOfChange } from '../../../src/migrations/check/types.js';

/** `varchar(10)`, `text[]`, or nothing for a type that is not known. */
function type(text: string): SqlType {
  const [, name = '', modifiers, array] = /^(\w+)(?:\((.*?)\))?(\[\])?$/.exec(text) ?? [];
  return { name, modifiers: modifiers?.split(',').map(Number) ?? [], isArray: array !== undefined };
}

/** Each was read from the server's own log on PostgreSQL 15: whether it said `rewriting table` or `verifying table`. */
const MEASURED: readonly [from: string, to: string, cost: 'free' | 'rewrite'][] = [
  ['varchar(10)', 'varchar(20)', 'free'],
  ['varchar(20)', 'text', 'free'],
  ['text', 'varchar', 'free'],
  ['varchar', 'varchar(30)', 'rewrite'],
  ['varchar(30)', 'varchar(20)', 'rewrite'],
  ['numeric(10,2)', 'numeric(12,2)', 'free'],
  ['numeric(12,2)', 'numeric(12,3)', 'rewrite'],
  ['numeric(12,3)', 'numeric', 'free'],
  ['timestamp', 'timestamptz', 'free'],
  ['timestamptz', 'timestamp', 'free'],
  ['varchar(10)[]', 'varchar(20)[]', 'rewrite'],
  ['varchar(20)[]', 'text[]', 'rewrite'],
  ['bpchar(5)', 'text', 'rewrite'],
  ['varbit(5)', 'varbit(9)', 'free'],
  ['interval(3)', 'interval(6)', 'free'],
  ['timestamp(3)', 'timestamp', 'free'],
  ['int4', 'int8', 'rewrite'],
  ['cidr', 'inet', 'free'],
  ['json', 'text', 'rewrite'],
];

describe('the cost of another type', () => {
  it.each(MEASURED)('%s to %s: %s', (from, to, cost) => {
    const change = costOfChange({ from: type(from), to: type(to), timeZone: 'UTC', postgres: 15 });
    expect(change.cost).toBe(cost);
  });

  it.each([
    ['timestamptz', null, 15, 'depends'],
    ['timestamptz', 'UTC', 15, 'depends'],
    ['timestamptz', 'Asia/Tokyo', 15, 'rewrite'],
    ['timestamptz', 'UTC', 11, 'rewrite'],
    ['text', null, 15, 'depends'],
    ['varchar(20)', null, 15, 'depends'],
    ['numeric(10,2)', null, 15, 'depends'],
    ['int8', null, 15, 'rewrite'],
    ['text[]', null, 15, 'rewrite'],
  ])('from nobody knows what to %s, with time zone %s on PostgreSQL %i: %s', (to, timeZone, postgres, cost) => {
    expect(costOfChange({ from: null, to: type(to), timeZone, postgres }).cost).toBe(cost);
  });
});
