import { describe, expect, it } from 'vitest';
import type { MigrationCheck, MigrationFinding, MigrationTrace } from '../../src/model/migrations.js';
import type { Run } from '../../src/model/run.js';
import { renderAll } from '../../src/report/registry.js';
import { summaryLines } from '../../src/report/terminal.js';
import { buildRun, judgementOf } from './build-run.js';

type StepSql = Run['migrations'][number];

function finding(changes: Partial<MigrationFinding>): MigrationFinding {
  return {
    ...{ file: 'db/0002.sql', line: 3, column: 1, endLine: 3, endColumn: 20, rule: 'create-index' },
    ...{ severity: 'error', message: 'Writes to orders wait.', remedy: 'CREATE INDEX CONCURRENTLY.' },
    ...changes,
  };
}

function checkOf(findings: MigrationFinding[]): MigrationCheck {
  const files = ['db/0001.sql', 'db/0002.sql'];
  return { files, postgres: 15, findings, suppressed: [], squawk: { ran: true, version: '2.61.0' } };
}

function traceOf(changes: Partial<MigrationTrace> = {}): MigrationTrace {
  return {
    ...{ verdict: 'safe', server: '18.4', statements: [], invalidIndexes: [], oldQueries: [], down: null },
    ...{ sizes: [], findings: [], unseen: [] },
    ...changes,
  };
}

function sqlOf(changes: Partial<StepSql>): StepSql {
  return {
    at: 5,
    step: 'migrate',
    check: checkOf([]),
    trace: null,
    problem: null,
    refused: false,
    dropped: 0,
    ms: 40,
    ...changes,
  };
}

async function outputs(...migrations: StepSql[]) {
  const run = buildRun({
    phases: [{ name: 'baseline', kind: 'baseline', startAt: 0, endAt: 5000, outcome: null }],
    change: { migrations },
  });
  const judgement = judgementOf(run);
  const { files, faults } = await renderAll(run, judgement, {}, ['html', 'md', 'json']);
  expect(faults).toEqual([]);
  const of = (name: string): string => String(files.find((file) => file.name === name)?.content);
  const terminal = summaryLines(run, judgement, { color: false, width: 100 });
  return { html: of('html'), md: of('md'), migration: JSON.parse(of('json')).migration, terminal };
}

describe('the SQL of steps in the report', () => {
  it('is nowhere where no step names any', async () => {
    const { html, md, migration, terminal } = await outputs();
    expect(html).not.toContain('id="migrations"');
    expect(md).not.toContain('Migrations');
    expect(terminal.join('\n')).not.toContain('SQL of');
    expect(migration).toMatchObject({ check: null, trace: null });
  });

  it('stands with its places, errors first, and what to do', async () => {
    const warning = finding({
      line: 1,
      severity: 'warning',
      rule: 'no-lock-timeout',
      message: 'It waits.',
      remedy: 'SET it.',
    });
    const { html, md, migration, terminal } = await outputs(sqlOf({ check: checkOf([warning, finding({})]) }));
    expect(terminal).toContain(' ✗ SQL of migrate: 2 files for PostgreSQL 15: 1 error, 1 warning');
    expect(terminal).toContain(' ✗   db/0002.sql:3:1: Writes to orders wait. [create-index]');
    expect(terminal).toContain(' !   db/0002.sql:1:1: It waits. [no-lock-timeout]');
    expect(md).toMatch(/### Migrations\n\n- migrate: 2 files .*\n {2}- \*\*error\*\* db\/0002\.sql/);
    const section = /<section id="migrations".*?<\/section>/s.exec(html)?.[0] ?? '';
    expect(section.indexOf('db/0002.sql:3:1')).toBeGreaterThan(0);
    expect(section.indexOf('db/0002.sql:3:1')).toBeLessThan(section.indexOf('db/0002.sql:1:1'));
    expect(section).toContain('CREATE INDEX CONCURRENTLY.');
    expect(migration.check).toMatchObject([
      { step: 'migrate', postgres: 15, findings: [{ line: 1 }, { file: 'db/0002.sql', line: 3 }], refused: false },
    ]);
  });

  it('says what the trace found, whose word stands against that of the check', async () => {
    const taken = finding({ severity: 'note', message: 'No old query uses it.' });
    const safe = await outputs(sqlOf({ check: checkOf([finding({})]), trace: traceOf({ findings: [taken] }) }));
    expect(safe.terminal).toContain(
      '   SQL of migrate: 2 files for PostgreSQL 15: 1 note; on a shadow PostgreSQL 18.4: safe',
    );
    const oldQueries = [
      { id: 'items', sql: 'SELECT discount FROM items', error: 'column "discount" does not exist (42703)' },
      { id: null, sql: 'SELECT 1', error: null },
    ];
    const statements = [
      {
        ...{ sql: 'ALTER TABLE items DROP COLUMN discount', durationMs: 12, error: null },
        ...{ locks: [{ relation: 'items', mode: 'AccessExclusiveLock' }], rewrote: [], scanned: [], built: [] },
      },
    ];
    const sizes = [{ rows: 1000, durationMs: 20, blockingMs: 12 }];
    const unsafe = await outputs(sqlOf({ trace: traceOf({ verdict: 'unsafe', oldQueries, statements, sizes }) }));
    expect(unsafe.terminal.join('\n')).toContain('on a shadow PostgreSQL 18.4: unsafe');
    for (const text of ['Queries that fail', '(42703)', 'AccessExclusiveLock on items', 'with 1,000 rows'])
      expect(unsafe.html).toContain(text);
    expect(unsafe.migration.trace).toMatchObject([{ step: 'migrate', verdict: 'unsafe', server: '18.4' }]);
  });

  it('says what was not looked at, and that the run did not begin', async () => {
    const check = { ...checkOf([]), squawk: { ran: false as const, why: 'there is none for this machine' } };
    const problem = 'the SQL could not be traced: there is no embedded PostgreSQL';
    const { html, terminal } = await outputs(sqlOf({ check, problem, refused: true, dropped: 3 }));
    expect(terminal.join(' ')).toMatch(/could not be traced: .*; so the run did not begin/);
    expect(html).toContain('there is none for this machine');
    expect(html).toContain('3 further entries not listed');
  });

  it('is cut on the terminal, not in the page', async () => {
    const many = Array.from({ length: 30 }, (_, index) => finding({ line: index + 1 }));
    const { html, terminal } = await outputs(sqlOf({ check: checkOf(many) }));
    expect(terminal.filter((line) => line.includes('[create-index]'))).toHaveLength(8);
    expect(terminal.join('\n')).toContain('and 22 more in the report');
    expect(html).toContain('db/0002.sql:30:1');
  });
});
