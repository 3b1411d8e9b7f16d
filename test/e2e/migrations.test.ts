import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Workplace, workplace } from './run-cli.ts';
import type { RunJson } from './run-json.ts';
import { smallScenario } from './scenarios.ts';

interface Full extends RunJson {
  migration: {
    check: { step: string; refused: boolean; findings: { file: string; line: number; severity: string }[] }[];
    trace: { step: string; verdict: string; oldQueries: { error: string | null }[] }[] | null;
  };
}

let app: Server;
let url: string;
let place: Workplace;
beforeEach(async () => {
  place = workplace();
  app = createServer((_, response) => response.end('ok'));
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  mkdirSync(join(place.folder, 'db'));
  writeFileSync(join(place.folder, 'db/1.sql'), 'SET lock_timeout = 100;\nALTER TABLE items ADD COLUMN weight int;\n');
  writeFileSync(join(place.folder, 'db/2.sql'), 'CREATE INDEX items_weight ON items (weight);\n');
  writeFileSync(join(place.folder, 'schema.sql'), 'CREATE TABLE items (id int, name text, price int);\n');
});
afterEach(async () => {
  app.closeAllConnections();
  await new Promise((resolve) => app.close(resolve));
  expect(await place.leave()).toEqual([]);
});

async function run(migrations: unknown) {
  const steps = [
    { name: 'prepare', kind: 'setup', run: 'touch prepared' },
    { name: 'migrate', run: 'touch migrated', migrations, hold: '1s' },
  ];
  const result = await place.run(['run', place.scenario(smallScenario({ url, steps }))]);
  return { ...result, runJson: result.runJson as Full | null };
}

describe('SQL that a step names', () => {
  it('refuses the run before anything was run where that is asked for', async () => {
    const { code, runJson, stderr, dir } = await run({ files: 'db/*.sql', refuse: 'error' });
    expect({ code, release: runJson?.release }).toEqual({ code: 94, release: 'not-started' });
    expect(runJson?.totals.requests).toBe(0);
    expect(existsSync(join(place.folder, 'prepared'))).toBe(false);
    expect(runJson?.reasons.join(' ')).toContain('the SQL of migrate is unsafe: db/2.sql:1:1: ');
    expect(runJson?.migration.check).toMatchObject([{ step: 'migrate', refused: true }]);
    expect(stderr).toContain('db/2.sql:1:1');
    expect(readFileSync(join(dir as string, 'summary.md'), 'utf8')).toContain('### Migrations');
  });

  it('is looked at and said in the report, and keeps nothing from its course otherwise', async () => {
    const { runJson } = await run('db/*.sql');
    expect(runJson).toMatchObject({ release: 'completed', totals: { failed: 0 } });
    expect(existsSync(join(place.folder, 'migrated'))).toBe(true);
    expect(runJson?.migration.check[0]?.findings).toContainEqual(
      expect.objectContaining({ file: 'db/2.sql', line: 1, severity: 'error' }),
    );
    expect(runJson?.migration.trace).toBeNull();
  });

  it('is run on a shadow database, with the old queries after it, where a trace is asked for', async () => {
    writeFileSync(join(place.folder, 'db/3.sql'), 'SET lock_timeout = 100;\nALTER TABLE items DROP COLUMN price;\n');
    writeFileSync(join(place.folder, 'old.sql'), 'SELECT id, price FROM items;\nSELECT name FROM items;\n');
    const files = ['db/1.sql', 'db/3.sql'];
    const { code, runJson } = await run({
      files,
      schema: 'schema.sql',
      oldQueries: 'old.sql',
      trace: true,
      refuse: 'error',
    });
    expect(code).toBe(94);
    const [trace] = runJson?.migration.trace ?? [];
    expect(trace).toMatchObject({ step: 'migrate', verdict: 'unsafe' });
    expect(trace?.oldQueries.map(({ error }) => error === null)).toEqual([false, true]);
  });

  it('that is not there is a mistake of the scenario', async () => {
    const { code, stderr } = await run('db/*.psql');
    expect(code).toBe(2);
    expect(stderr).toMatch(/scenario\.yaml:\d+:\d+: steps\[1\]\.migrations: `db\/\*\.psql` matches no file/);
  });
});
