import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dryRunLines } from '../../src/cli/dry-run.js';
import { loadScenario } from '../../src/scenario/load.js';
import type { ScenarioError } from '../../src/scenario/problem.js';
import { fileOf, MINIMAL, thrownBy, told } from './scenarios.js';

const FILES = {
  'db/V2__add.sql': 'ALTER TABLE items ADD COLUMN a int;',
  'db/V10__index.sql': 'CREATE INDEX ON items (a);',
  'schema.sql': 'CREATE TABLE items (id int);',
  'old.sql': 'SELECT 1;',
  'bytes.sql': Buffer.from([0xff, 0xfe, 0x00]),
};

function place(step: string): string {
  const file = fileOf(MINIMAL.replace('{ name: switch, run: ./switch.sh }', step));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(dirname(file), name)), { recursive: true });
    writeFileSync(join(dirname(file), name), text);
  }
  return file;
}

const loaded = (step: string, set: string[] = []) => loadScenario(place(step), { set, env: {} });
const faults = async (step: string): Promise<string[]> => {
  const error: ScenarioError = await thrownBy(loaded(step));
  return told(error).map((text) => text.replace(/looked \w+ .*\)/, 'looked in ...)'));
};
const named = (migrations: string): string => `{ name: migrate, run: ./migrate.sh, migrations: ${migrations} }`;

describe('`migrations` of a step', () => {
  it('as a path is for a check that refuses nothing', async () => {
    const { steps } = await loaded(named('db/*.sql'));
    expect(steps[0]?.migrations).toEqual({
      files: [
        { file: 'db/V2__add.sql', text: FILES['db/V2__add.sql'] },
        { file: 'db/V10__index.sql', text: FILES['db/V10__index.sql'] },
      ],
      schema: [],
      oldQueries: null,
      transaction: 'per-statement',
      postgres: 15,
      trace: false,
      refuse: 'never',
    });
  });

  it('as a list has each file once, in the order in which it is named', async () => {
    const { steps } = await loaded(named('[db/V10__index.sql, "db/*.sql"]'));
    expect(steps[0]?.migrations?.files.map(({ file }) => file)).toEqual(['db/V10__index.sql', 'db/V2__add.sql']);
  });

  it('says all there is to say, also by variables', async () => {
    const { steps } = await loaded(
      named(
        `{ files: "db/\${NAME}*.sql", schema: schema.sql, oldQueries: old.sql, postgres: "\${PG}", trace: "\${TRACE}", refuse: error, transaction: per-file }`,
      ),
      ['NAME=V2', 'PG=18', 'TRACE=true'],
    );
    expect(steps[0]?.migrations).toMatchObject({
      files: [{ file: 'db/V2__add.sql' }],
      schema: [{ file: 'schema.sql', text: FILES['schema.sql'] }],
      oldQueries: { file: 'old.sql', text: 'SELECT 1;' },
      postgres: 18,
      trace: true,
      refuse: 'error',
      transaction: 'per-file',
    });
  });

  it('is allowed in the rollback, and nothing is read where there is none', async () => {
    const scenario = await loadScenario(`${place('{ name: switch, run: a }')}`, { env: {} });
    expect(scenario.steps[0]?.migrations).toBeNull();
    const { rollback } = await loadScenario(
      fileOf(`${MINIMAL}rollback: { run: b, migrations: "*.yaml" }\n`, 'scenario.yaml'),
      { env: {} },
    );
    expect(rollback[0]?.migrations?.files).toHaveLength(1);
  });

  it.each([
    ['a path that matches nothing', named('db/*.psql'), '10:53 `db/*.psql` matches no file (looked in ...)'],
    ['one of a list', named('[db/V2__add.sql, gone.sql]'), '10:70 `gone.sql` matches no file (looked in ...)'],
    ['a folder', named('db'), '10:53 `db` matches no file (looked in ...)'],
    ['what is no text', named('bytes.sql'), '10:53 `bytes.sql` is not UTF-8'],
    ['one that matches what is no text', named('b*.sql'), '10:53 `b*.sql` matches bytes.sql, which is not UTF-8'],
    ['an empty list', named('[]'), '10:53 is an empty list; it needs at least one entry (paths such as `db/*.sql`)'],
    [
      'a number',
      named('7'),
      '10:53 expected a path such as `db/*.sql`, a list of them or `{ files: db/*.sql }`, got `7`',
    ],
    ['an unknown key', named('{ files: old.sql, trce: true }'), '10:71 unknown key `trce`; did you mean `trace`?'],
    ['no files', named('{ trace: true }'), '10:41 is missing: expected a path such as `db/*.sql` or a list of them'],
    [
      'a version that there is not',
      named('{ files: old.sql, postgres: 99 }'),
      '10:81 `99` is too large: at most 18 (a major version)',
    ],
    [
      'another refusal',
      named('{ files: old.sql, refuse: always }'),
      '10:79 expected one of `error`, `never`, got `always`',
    ],
    [
      'old queries for nothing',
      named('{ files: old.sql, oldQueries: old.sql }'),
      '10:71 `oldQueries` goes with `trace`',
    ],
    [
      'old queries that are not there',
      named('{ files: old.sql, trace: true, oldQueries: gone.sql }'),
      '10:96 `gone.sql` matches no file (looked in ...)',
    ],
    [
      'two files of old queries',
      named('{ files: old.sql, trace: true, oldQueries: "db/*.sql" }'),
      '10:96 expected one file, got 2',
    ],
    [
      'a path with a line break',
      named('"a\\nb"'),
      '10:53 a path such as `db/*.sql`: control characters and line breaks are not allowed',
    ],
  ])('%s is refused with its place', async (_what, step, says) => {
    expect(await faults(step)).toEqual([says]);
  });

  it('is in a dry run', async () => {
    const scenario = await loaded(named('{ files: "db/*.sql", trace: true, refuse: error, postgres: 18 }'));
    expect(dryRunLines(scenario)).toContain(
      'sql        migrate: db/V2__add.sql, db/V10__index.sql (checked for PostgreSQL 18, traced, an error refuses the run)',
    );
  });
});
