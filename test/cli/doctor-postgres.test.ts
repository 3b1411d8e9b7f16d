import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { checkWatchers } from '../../src/cli/doctor/watch-checks.js';
import type { Scenario } from '../../src/scenario/scenario.js';
import { postgresPrograms, startPostgres } from '../watchers/postgres-server.ts';

const programs = postgresPrograms();

const check = (url: string) =>
  checkWatchers({
    setup: [],
    watch: [{ kind: 'postgres', name: 'db', of: 'db', on: null, url }],
  } as unknown as Scenario);

describe.runIf(programs !== null)('doctor on a watched PostgreSQL', () => {
  it('says whether it answers, and whether all statements would be seen', async () => {
    const server = startPostgres(programs as string);
    const admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query('create role watcher login');
    await admin.query('create role monitor login in role pg_monitor');
    await admin.end();
    const as = (role: string) => check(server.url.replace('//postgres@', `//${role}@`));
    expect(await as('monitor')).toMatchObject([
      { state: 'OK', found: expect.stringMatching(/^db: PostgreSQL \d+.* seen$/) },
    ]);
    expect(await as('watcher')).toMatchObject([
      { state: 'WARN', fix: expect.stringContaining('GRANT pg_monitor TO watcher') },
    ]);
    expect(await as('nobody')).toMatchObject([{ state: 'MISSING', found: expect.stringContaining('nobody') }]);
    server.stop();
    expect(await as('watcher')).toMatchObject([{ state: 'MISSING' }]);
  });
});
