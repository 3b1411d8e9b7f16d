import { describe, expect, it } from 'vitest';
import { checked, foundBy } from './checked.js';

/** The text that a finding of a rule is about, by its lines and columns. */
async function marked(rule: string, text: string): Promise<string> {
  const [finding] = await foundBy(rule, text);
  if (finding === undefined) return '';
  const { line, column, endLine, endColumn } = finding;
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const slice = (number: number, from: number, to?: number) => [...(lines[number - 1] ?? '')].slice(from, to).join('');
  if (line === endLine) return slice(line, column - 1, endColumn - 1);
  return [slice(line, column - 1), slice(endLine, 0, endColumn - 1)].join(' ... ');
}

const DROP = 'ALTER TABLE t DROP COLUMN a';

describe('the places of findings', () => {
  it.each([
    ['by itself', DROP],
    ['after letters and emoji', `-- größe 😀\nSELECT '😀é' AS "ä"; ${DROP};`],
    ['with a byte order mark', `\ufeff${DROP};`],
    ['with CRLF', `SELECT 1;\r\nSELECT 2;\r\n${DROP};\r\n`],
    ['with CR alone', `SELECT 1;\r-- c\r${DROP};\r`],
    ['behind comments that nest', `/* a /* b; */ c; */ ${DROP} -- d`],
    ['before a comment and a semicolon', `${DROP} /* e */ ;`],
    ['behind strings with quotes, backslashes and semicolons', `SELECT 'a''; b', E'\\'; c', "d;""e"; ${DROP};`],
    ['behind dollar quotes', `SELECT $$a; $b$ c $$, $x$ $$ ; $x$; ${DROP};`],
    ['behind a word with a dollar', `SELECT a$b$c FROM d$; ${DROP};`],
    ['behind a statement that cannot be read', `SELEC 'ö';\n${DROP};`],
    ['behind commands of psql', `\\set ON_ERROR_STOP 'ö'\n\\echo it's\n${DROP};`],
    ['behind the data of COPY', `COPY t FROM stdin;\nö\t'x;\n\\.\n${DROP};`],
  ])('are exact %s', async (_, text) => {
    expect(await marked('drop-column', text)).toBe(DROP);
  });

  it('are those of one part of an ALTER TABLE with several', async () => {
    const text = 'ALTER TABLE t ADD COLUMN b numeric(3,\n 1) DEFAULT coalesce(1, 2),\n  DROP COLUMN "ä", ADD c int;';
    expect(await marked('drop-column', text)).toBe('DROP COLUMN "ä"');
  });

  it('span the lines of a long statement', async () => {
    expect(await marked('create-index', 'SELECT 1;\n\nCREATE INDEX i\n  ON t (a);')).toBe(
      'CREATE INDEX i ...   ON t (a)',
    );
  });

  it.each([
    ['a statement in a block', 'DO $$\nBEGIN\n  -- ö; DROP COLUMN\n  ALTER TABLE t DROP COLUMN a;\nEND $$', DROP],
    [
      'the second of two alike',
      'DO $$ BEGIN NULL; ALTER TABLE t DROP COLUMN a; ALTER TABLE t DROP COLUMN a; END $$',
      DROP,
    ],
    ['a part of it', 'DO $ü$ BEGIN ALTER TABLE t ADD b int, DROP COLUMN a; END $ü$', 'DROP COLUMN a'],
    [
      'what EXECUTE is given',
      "DO $$ BEGIN EXECUTE 'ALTER TABLE t DROP COLUMN a'; END $$",
      "'ALTER TABLE t DROP COLUMN a'",
    ],
    [
      'the whole block where its body is quoted in another way',
      "DO 'BEGIN ALTER TABLE t DROP COLUMN \"a''\"; END'",
      "DO 'BEGIN ALTER TABLE t DROP COLUMN \"a''\"; END'",
    ],
  ])('are exact for %s', async (_, text, expected) => {
    expect(await marked('drop-column', text)).toBe(expected);
  });

  it('are those of both statements where two in a block are alike', async () => {
    const text = 'DO $$ BEGIN ALTER TABLE t DROP COLUMN a; ALTER TABLE t DROP COLUMN a; END $$';
    const columns = (await foundBy('drop-column', text)).map(({ column }) => column);
    expect(columns).toEqual([text.indexOf('ALTER') + 1, text.lastIndexOf('ALTER') + 1]);
  });

  it.each([
    ['SELEC 1', 'SELEC', 1, 1],
    ['/* äöü😀 */ SELECT 1 FROM WHERE', 'WHERE', 1, 27],
    ['SELECT 1;\nSELECT (1;\nSELECT 2;', ';', 2, 10],
    ['CREATE TABLE t (a int,);', ')', 1, 23],
  ])('of a syntax error in %j is where the parser stopped', async (text, _token, line, column) => {
    const [fault] = await foundBy('syntax-error', text);
    expect(fault).toMatchObject({ severity: 'error', line });
    expect(fault?.column).toBeGreaterThanOrEqual(Math.min(column, 9));
    expect(fault?.column).toBeLessThanOrEqual(column);
  });

  it('says one error of a quote without an end, and reads what stands before it', async () => {
    const { findings } = await checked(`${DROP};\nSELECT 'abc;\nDROP TABLE x;`);
    expect(findings.map(({ rule }) => rule)).toEqual(['drop-column', 'no-lock-timeout', 'syntax-error']);
  });

  it('says of psql commands which ones were not followed', async () => {
    const found = await foundBy('psql-command', '\\set x 1\n\\i other.sql\nSELECT 1 \\gexec\nDROP TABLE a;');
    expect(found.map(({ line, severity }) => `${line} ${severity}`)).toEqual(['1 note', '2 warning', '3 warning']);
    expect(await foundBy('drop-table', '\\set x 1\nSELECT 1 \\g\nDROP TABLE a;')).toHaveLength(1);
  });
});
