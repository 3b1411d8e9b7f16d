import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statementOf } from '../../src/watchers/postgres-statement.js';

describe('a statement as it is kept', () => {
  it.each([
    ["select * from users where mail = 'ann@example.org'", "select * from users where mail = '…'"],
    ["select 'it''s', E'a\\'b', $$text$$, $tag$a $$ b$tag$, b'01'", "select '…', '…', '…', '…', b'…'"],
    ['alter table "Order Items" add note text -- of ann\n', 'alter table "Order Items" add note text'],
    ['/* trace=1 /* inner */ of ann */ select\n\t 1', 'select 1'],
    ['update t1 set n = 12 where id between 1 and 500000', 'update t1 set n = 12 where id between 1 and 500000'],
    ['select 4111111111111111, 0041795551234, p20261121', 'select …, …, p20261121'],
    ["select 'cut off in the mid", "select '…'"],
    ['select $$cut off', "select '…'"],
    ['select /* cut off', 'select'],
    // Whether the backslash hides the quote is a setting: nothing of the rest is shown.
    ["select 'a\\' or mail = 'ann'", "select '…'"],
    ['select $1, a$b from t', 'select $1, a$b from t'],
    ['select pg_sleep(5); ;', 'select pg_sleep(5)'],
    ['begin; select count(*) from orders', 'begin; select count(*) from orders'],
  ])('%j is %j', (query, kept) => {
    expect(statementOf(query)).toBe(kept);
  });

  it('is null where there is none to be seen', () => {
    expect([null, '', '  ', '-- nothing', '<insufficient privilege>'].map(statementOf)).toEqual(
      new Array(5).fill(null),
    );
  });

  it('holds nothing of a literal, whatever stands in it, wherever it is cut', () => {
    const text = fc.string({ unit: fc.constantFrom("'", '\\', '$', '-', '/', '*', '"', ' ', 'x'), maxLength: 12 });
    const quoted = (inner: string) => `'${inner.replaceAll('\\', '').replaceAll("'", "''")}SECRET'`;
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), fc.nat(200), (inner, cut) => {
        const query = `select ${inner.map(quoted).join(', ')} from t`;
        expect(statementOf(query) ?? '').not.toContain('SECRET');
        expect(statementOf(query.slice(0, cut)) ?? '').not.toContain('SECRET');
      }),
    );
  });
});
