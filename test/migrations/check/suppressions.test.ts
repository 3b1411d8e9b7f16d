import { describe, expect, it } from 'vitest';
import { checked, named } from './checked.js';

const TIMEOUT = "SET lock_timeout = '1s';\n";

async function outcome(sql: string): Promise<{ standing: string[]; suppressed: string[] }> {
  const { findings, suppressed } = await checked(TIMEOUT + sql);
  return { standing: named(findings), suppressed: suppressed.map(({ rule, reason }) => `${rule}: ${reason}`) };
}

describe('a comment that takes a finding back', () => {
  it.each([
    ['before the statement', '-- zdd-ignore drop-column: nobody reads it\nALTER TABLE t DROP COLUMN a;'],
    ['with lines between', '-- zdd-ignore drop-column: nobody reads it\n\n-- and more\nALTER TABLE t DROP COLUMN a;'],
    ['behind it', 'ALTER TABLE t DROP COLUMN a; -- zdd-ignore drop-column: nobody reads it'],
    ['inside of it', 'ALTER TABLE t\n  -- zdd-ignore drop-column: nobody reads it\n  DROP COLUMN a;'],
    ['as a block', '/* zdd-ignore drop-column: nobody\n   reads it */ ALTER TABLE t DROP COLUMN a;'],
    [
      'before a DO block',
      '-- zdd-ignore drop-column: nobody reads it\nDO $$ BEGIN ALTER TABLE t DROP COLUMN a; END $$;',
    ],
  ])('works %s', async (_, sql) => {
    expect(await outcome(sql)).toEqual({ standing: [], suppressed: ['drop-column: nobody reads it'] });
  });

  it('names several rules, and none but those', async () => {
    const sql = '-- zdd-ignore drop-table, drop-index: gone\nDROP TABLE a; DROP INDEX i;';
    expect(await outcome(sql)).toEqual({
      standing: ['suppression-unused note', 'drop-index warning'],
      suppressed: ['drop-table: gone'],
    });
  });

  it('reaches one statement only', async () => {
    const sql = '-- zdd-ignore drop-table: gone\nDROP TABLE a;\nDROP TABLE b;';
    expect(await outcome(sql)).toEqual({ standing: ['drop-table error'], suppressed: ['drop-table: gone'] });
  });

  it.each(['-- zdd-ignore drop-table', '-- zdd-ignore drop-table:', '-- zdd-ignore drop-table :   '])(
    'does nothing without a reason: %s',
    async (comment) => {
      expect(await outcome(`${comment}\nDROP TABLE a;`)).toEqual({
        standing: ['suppression-without-reason warning', 'drop-table error'],
        suppressed: [],
      });
    },
  );

  it('says which rule was meant where there is none of that name', async () => {
    const { findings } = await checked(`${TIMEOUT}-- zdd-ignore drop-tabel: gone\nDROP TABLE a;`);
    expect(named(findings)).toEqual(['suppression-unknown-rule warning', 'drop-table error']);
    expect(findings[0]?.message).toContain('Did you mean `drop-table`?');
    expect(findings[0]).toMatchObject({ line: 2, column: 15, endColumn: 25 });
  });

  it('takes names of squawk and the syntax too', async () => {
    expect(await outcome('-- zdd-ignore syntax-error: a template\nSELEC 1;')).toMatchObject({ standing: [] });
    expect((await outcome('-- zdd-ignore identifier-too-long: known\nSELECT 1;')).standing).toEqual([
      'suppression-unused note',
    ]);
  });

  it('stands for nothing inside of a string', async () => {
    const sql = "SELECT '-- zdd-ignore drop-table: x';\nDROP TABLE a;";
    expect(await outcome(sql)).toEqual({ standing: ['drop-table error'], suppressed: [] });
  });
});
