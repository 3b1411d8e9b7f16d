import { describe, expect, it } from 'vitest';
import { RULE_PAGES } from '../../../src/migrations/check/rule-pages.js';
import { RULES } from '../../../src/migrations/check/rules/registry.js';
import type { MigrationSeverity } from '../../../src/model/migrations.js';
import { checked, foundBy, type Options } from './checked.js';
import { SAMPLES, type Sample } from './samples.js';

const WRONG_ROW = 'CREATE TABLE new_one (id int NOT NULL, d date, v varchar(5));';

describe('the rules', () => {
  it('have samples each, of what they find and of what they leave alone', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(RULES.map(({ name }) => name).sort());
    for (const [rule, { fires, silent }] of Object.entries(SAMPLES)) {
      expect(fires.length, rule).toBeGreaterThan(0);
      expect(silent.length, rule).toBeGreaterThan(0);
    }
  });

  it.each(cases('fires'))('%s finds %s', async (rule, sql, severity, options) => {
    expect((await foundBy(rule, sql, options)).map((each) => each.severity)).toContain(severity);
  });

  it.each(cases('silent'))('%s leaves %s alone', async (rule, sql, severity, options) => {
    const found = await foundBy(rule, sql, options);
    expect(found.filter((each) => each.severity === severity)).toEqual([]);
  });

  it('say of every sample whose statements can be read nothing about its syntax', async () => {
    for (const [rule, sql, , options] of [...cases('fires'), ...cases('silent')]) {
      const { findings } = await checked(sql, options);
      expect(
        findings.filter((each) => each.rule === 'syntax-error'),
        `${rule}: ${sql}`,
      ).toEqual([]);
    }
  });

  it('leave a table alone that the same file creates', async () => {
    const changes = [
      'ALTER TABLE new_one DROP COLUMN d',
      'ALTER TABLE new_one ADD COLUMN s serial',
      'ALTER TABLE new_one ADD COLUMN n int NOT NULL',
      'ALTER TABLE new_one ADD CHECK (id > 0)',
      'ALTER TABLE new_one ADD UNIQUE (id)',
      'ALTER TABLE new_one ALTER COLUMN d SET NOT NULL',
      'ALTER TABLE new_one ALTER COLUMN v TYPE int USING v::int',
      'ALTER TABLE new_one RENAME COLUMN id TO key',
      'CREATE INDEX ON new_one (id)',
      'UPDATE new_one SET id = 1',
      'TRUNCATE new_one',
      'VACUUM FULL new_one',
      'DROP TABLE new_one',
    ];
    for (const change of changes) expect((await checked(`${WRONG_ROW}\n${change};`)).findings, change).toEqual([]);
  });

  it('note what they would say of a table that another file creates, and why they do not', async () => {
    const { checkMigrations } = await import('../../../src/migrations/check/check.js');
    const { findings } = await checkMigrations(
      [
        { file: '1.sql', text: WRONG_ROW },
        { file: '2.sql', text: 'ALTER TABLE new_one DROP COLUMN d;' },
      ],
      { postgres: 15, squawk: false },
    );
    expect(findings).toMatchObject([{ file: '2.sql', rule: 'drop-column', severity: 'note' }]);
    expect(findings[0]?.message).toContain('1.sql creates it');
  });

  it('judge a table of the schema that is there already', async () => {
    expect(await foundBy('drop-column', 'ALTER TABLE new_one DROP COLUMN d;', { schema: WRONG_ROW })).toHaveLength(1);
  });

  it('leave the books of migration tools alone', async () => {
    const sql =
      "BEGIN; ALTER TABLE t ADD COLUMN x int; UPDATE alembic_version SET version_num = 'b' WHERE version_num = 'a'; COMMIT;";
    expect((await checked(sql)).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('have a page each, with sentences and pages of the documentation', () => {
    for (const { name, claim, because, remedy, references } of RULE_PAGES) {
      expect(claim, name).toMatch(/^[A-Z].*\.$/);
      expect(because, name).toMatch(/^[A-Z`].*\.$/);
      expect(remedy, name).toMatch(/^[A-Z`].*\.$/);
      for (const each of references) expect(each).toMatch(/^https:\/\/(?:www\.postgresql\.org|squawkhq\.com)\/docs\//);
    }
    expect(new Set(RULE_PAGES.map(({ name }) => name)).size).toBe(RULE_PAGES.length);
    for (const { name, references } of RULES) expect(references.length, name).toBeGreaterThan(0);
  });
});

function cases(kind: 'fires' | 'silent'): [rule: string, sql: string, severity: MigrationSeverity, options: Options][] {
  return Object.entries(SAMPLES).flatMap(([rule, samples]) => {
    const usual = RULES.find(({ name }) => name === rule)?.severity ?? 'error';
    return samples[kind].map((sample: Sample): [string, string, MigrationSeverity, Options] => {
      if (typeof sample === 'string') return [rule, sample, usual, {}];
      const { sql, severity = usual, ...options } = sample;
      return [rule, sql, severity, options];
    });
  });
}
