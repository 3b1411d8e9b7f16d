import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MigrationTrace } from '../../src/model/migrations.ts';
import { SERVERS, SLOW_MS } from '../migrations/trace/servers.ts';
import { eventually, leftOver, marked } from './processes.ts';
import { APPS, type CliResult, type Workplace, workplace } from './run-cli.ts';

const HAS_ALEMBIC =
  spawnSync('/usr/bin/python3', ['-c', 'import alembic, psycopg2'], { encoding: 'utf8' }).status === 0;
const QUERIES = `select id, buyer, total from orders where id = $1;
insert into orders (buyer, total) values ($1, $2);`;
const OPTIONS = ['migrations', 'trace', '--json', '--rows', '100,2000', '--old-queries', 'queries.sql'];

let place: Workplace;
beforeAll(async () => {
  // Installed once, so that no test waits for it.
  await SERVERS[0]?.bin();
}, SLOW_MS);
beforeEach(() => {
  place = workplace();
});
afterEach(async () => {
  expect(await place.leave()).toEqual([]);
}, SLOW_MS);

/** A copy of a sample project, as somebody has it. */
function project(name: string): string {
  cpSync(join(APPS, 'migrations', name), place.folder, {
    recursive: true,
    filter: (path) => !/node_modules|__pycache__/.test(path),
  });
  writeFileSync(join(place.folder, 'queries.sql'), QUERIES);
  return place.folder;
}

const told = ({ stdout }: CliResult) => JSON.parse(stdout) as MigrationTrace;
const rules = (trace: MigrationTrace) =>
  trace.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);

describe.skipIf(!HAS_ALEMBIC)('a project of alembic, unchanged, with a URL in its configuration', () => {
  const alembic = (words: string) => `/usr/bin/python3 -m alembic ${words}`;
  const python = { PYTHONDONTWRITEBYTECODE: '1' };

  it(
    'is traced there and back',
    async () => {
      project('alembic');
      const ini = readFileSync(join(place.folder, 'alembic.ini'), 'utf8');
      const result = await place.run(
        [
          ...OPTIONS,
          ...['--schema-command', alembic('upgrade 0001'), '--down', alembic('downgrade 0001')],
          ...['--', ...alembic('upgrade 0002').split(' ')],
        ],
        python,
      );
      expect({ code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({ code: 0, stderr: '' });
      const trace = told(result);
      expect(trace.verdict).toBe('safe');
      expect(trace.oldQueries.map(({ error }) => error)).toEqual([null, null]);
      expect(trace.statements.find(({ sql }) => /CONCURRENTLY/.test(sql))).toMatchObject({
        built: ['orders_by_buyer'],
        error: null,
      });
      expect(trace.down?.statements.map(({ sql }) => sql)).toContain('DROP INDEX orders_by_buyer');
      expect(readFileSync(join(place.folder, 'alembic.ini'), 'utf8')).toBe(ini);
      expect(result.stderr).toContain('Running upgrade 0001 -> 0002');
    },
    SLOW_MS,
  );

  it(
    'is unsafe where it renames a column that is used, and builds an index meanwhile',
    async () => {
      project('alembic');
      const result = await place.run(
        [...OPTIONS, '--schema-command', alembic('upgrade 0002'), '--', ...alembic('upgrade head').split(' ')],
        python,
      );
      expect(result.code).toBe(99);
      const trace = told(result);
      expect(rules(trace)).toEqual(expect.arrayContaining(['old-query-fails', 'index-built-under-lock']));
      const rename = trace.statements.findIndex(({ sql }) => /RENAME/.test(sql)) + 1;
      expect(trace.findings.find(({ rule }) => rule === 'old-query-fails')?.file).toBe(`statement ${rename}`);
    },
    SLOW_MS,
  );
});

describe('a project of knex, unchanged', () => {
  it(
    'is traced there and back, and unsafe where a table is written anew',
    async () => {
      project('knex');
      const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: place.folder,
        encoding: 'utf8',
      });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const safe = await place.run([
        ...OPTIONS,
        ...['--schema-command', 'npx knex migrate:up 0001_orders.js', '--down', 'npx knex migrate:down'],
        ...['--', 'npx', 'knex', 'migrate:up', '0002_reference.js'],
      ]);
      expect({ code: safe.code, stderr: safe.code === 0 ? '' : safe.stderr }).toEqual({ code: 0, stderr: '' });
      expect(told(safe).down?.statements.some(({ sql }) => /drop column/.test(sql))).toBe(true);
      const unsafe = await place.run([
        ...OPTIONS,
        ...['--schema-command', 'npx knex migrate:up && npx knex migrate:up', '--', 'npx', 'knex', 'migrate:latest'],
      ]);
      expect(unsafe.code).toBe(99);
      expect(rules(told(unsafe))).toContain('table-rewritten');
    },
    SLOW_MS,
  );
});

interface Server {
  /** With its data. */
  folder: string;
  /** What its processes do, by their titles. */
  titles: string[];
}

/** The server that this test's command has started; null before it has. */
function serverOf({ mark }: Workplace): Server | null {
  const shell = marked(mark).find(({ command }) => command.includes('zdd-postgres-') && command.startsWith('sh '));
  const folder = /\S*\/zdd-postgres-\w+/.exec(shell?.command ?? '')?.[0];
  if (shell === undefined || folder === undefined) return null;
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const all = [...stdout.matchAll(/^ *(\d+) +(\d+) (.*)$/gm)].map(([, pid, parent, title]) => ({ pid, parent, title }));
  const main = all.find(({ parent }) => parent === String(shell.pid));
  return { folder, titles: all.flatMap(({ parent, title }) => (parent === main?.pid ? (title ?? '') : [])) };
}

describe('a trace that is ended', () => {
  const begin = async () => {
    writeFileSync(join(place.folder, 'up.sql'), 'select pg_sleep(600);');
    const cli = place.start(['migrations', 'trace', '--rows', '10', '--sql', 'up.sql']);
    const sleeping = () => {
      const server = serverOf(place);
      return server?.titles.some((title) => / zdd_verify_\w+ .*SELECT/.test(title)) ? server : null;
    };
    const { folder } = await eventually('the migration runs', sleeping, SLOW_MS);
    return { cli, folder };
  };

  it(
    'by Ctrl-C leaves nothing behind',
    async () => {
      const { cli, folder } = await begin();
      cli.child.kill('SIGINT');
      expect((await cli.ended).code).toBe(130);
      expect(await leftOver(place.mark)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
    },
    SLOW_MS,
  );

  it(
    'by kill -9 takes its server and the data with it',
    async () => {
      const { cli, folder } = await begin();
      cli.child.kill('SIGKILL');
      await cli.ended;
      expect(await leftOver(place.mark, SLOW_MS)).toEqual([]);
      expect(existsSync(folder)).toBe(false);
    },
    SLOW_MS,
  );
});
