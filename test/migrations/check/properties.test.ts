import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { scanSql } from '../../../src/migrations/check/lexer.js';
import { loadParser } from '../../../src/migrations/check/parser.js';
import { Source } from '../../../src/migrations/check/source.js';
import { statementsOf } from '../../../src/migrations/check/statements.js';
import { checked } from './checked.js';

beforeAll(loadParser);

/** Statements on tables of their own: none knows of another. */
const SNIPPETS: readonly ((table: string) => string)[] = [
  (table) => `ALTER TABLE ${table} DROP COLUMN a`,
  (table) => `ALTER TABLE ${table} ADD COLUMN b int NOT NULL, DROP COLUMN "ö"`,
  (table) => `CREATE INDEX ON ${table} (a)`,
  (table) => `CREATE INDEX CONCURRENTLY ON ${table} (a) -- 😀\n`,
  (table) => `UPDATE ${table} SET a = 'ü; x'`,
  (table) => `/* ; */ DROP TABLE ${table}`,
  (table) => `DO $$ BEGIN ALTER TABLE ${table} ADD CHECK (a > 0); END $$`,
  (table) => `SELEC ${table}`,
  (table) => `SELECT 1 FROM ${table}`,
];

const snippets = fc.array(fc.integer({ min: 0, max: SNIPPETS.length - 1 }), { minLength: 1, maxLength: 8 });
const separators = fc.constantFrom(';\n', ';', '\n;\r\n', ' ; ', ';\n-- c\n');

describe('for any text', () => {
  it('the findings of statements that run by themselves are those of each of them', async () => {
    await fc.assert(
      fc.asyncProperty(snippets, separators, async (numbers, separator) => {
        const all = numbers.map((number, index) => SNIPPETS[number]?.(`t${index}`) ?? '');
        const together = await checked(all.map((sql) => sql + separator).join(''));
        const single = [];
        for (const sql of all) single.push(...(await checked(sql)).findings);
        const key = ({ rule, message }: { rule: string; message: string }) => `${rule} ${message}`;
        expect(together.findings.map(key).sort()).toEqual(single.map(key).sort());
      }),
      { numRuns: 40 },
    );
  });

  it('every place lies in the text, and none ends before it begins', async () => {
    const words = fc.constantFrom(
      'ALTER TABLE t',
      'DROP COLUMN a',
      ',',
      ';',
      '\n',
      '\r\n',
      "'",
      '"',
      '$$',
      'ä',
      '😀',
      '--',
      '/*',
      '*/',
      '\\i x',
      '(',
      ')',
      'DO',
      'BEGIN',
      'COMMIT',
      'EXECUTE',
      'DROP TABLE t',
      '-- zdd-ignore x: y\n',
      'COPY t FROM stdin',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 12 }), async (parts) => {
        const text = parts.join(' ');
        const lines = text.split(/\r\n|\n|\r/);
        for (const { line, column, endLine, endColumn } of (await checked(text)).findings) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(endLine).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual([...(lines[line - 1] ?? '')].length + 1);
          expect(endColumn).toBeLessThanOrEqual([...(lines[endLine - 1] ?? '')].length + 1);
          expect(line < endLine || (line === endLine && column <= endColumn)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('what is not SQL is blanked without moving anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const { sql } = scanSql(text);
        expect(sql.length).toBe(text.length);
        expect(sql.replace(/[^\n\r]/g, '')).toBe(text.replace(/[^\n\r]/g, ''));
      }),
    );
  });

  it('bytes and indexes lead to each other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const source = new Source({ file: 'x', text: `a${text}` });
        let index = 0;
        for (const character of source.scan.sql) {
          expect(source.byteOfIndex(index)).toBe(Buffer.byteLength(source.scan.sql.slice(0, index)));
          expect(source.indexOfByte(source.byteOfIndex(index))).toBe(index);
          index += character.length;
        }
      }),
    );
  });

  it('ends of statements are found where the server finds them', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            "SELECT ';'",
            'SELECT $a$;$$;$a$',
            'SELECT 1 /* ; */',
            "SELECT E'\\';'",
            'SELECT ";"',
            'SELECT (1)',
          ),
          { minLength: 1, maxLength: 6 },
        ),
        (all) => {
          const { statements, faults } = statementsOf(new Source({ file: 'x', text: all.join(';') }));
          expect(faults).toEqual([]);
          expect(scanSql(all.join(';')).ends).toHaveLength(all.length - 1);
          expect(statements.map(({ source, span }) => source.text.slice(span.start, span.end))).toEqual(
            all.map((sql) => sql.replace(/ \/\* ; \*\/$/, '')),
          );
        },
      ),
    );
  });
});
