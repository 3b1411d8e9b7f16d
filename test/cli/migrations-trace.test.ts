import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { migrationsTraceCommand } from '../../src/cli/migrations-trace.js';
import { traceLines } from '../../src/cli/migrations-trace-text.js';
import { PLAIN } from '../../src/cli/terminal/style.js';
import type { ZddError } from '../../src/model/errors.js';
import type { MigrationTrace } from '../../src/model/migrations.js';
import { SERVERS, SLOW_MS } from '../migrations/trace/servers.ts';
import { emptyFolder } from '../setup/empty-folder.js';

let stdout = '';
let stderr = '';
let folder = '';
beforeEach(async () => {
  stdout = '';
  stderr = '';
  folder = await emptyFolder();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

async function trace(...words: string[]): Promise<unknown> {
  process.exitCode = undefined;
  await migrationsTraceCommand().exitOverride().parseAsync(words, { from: 'user' });
  return process.exitCode;
}

/** Connects as a framework would, and finds that there is nothing to do. */
const ASKING = `node -e "const { Client } = require('pg'); const c = new Client(process.env.DATABASE_URL); c.connect().then(() => c.query('select 1')).then(() => c.end())"`;

const refused = (...words: string[]): Promise<ZddError> =>
  trace(...words).then(
    (code) => {
      throw new Error(`it was not refused: ${code} ${stdout}${stderr}`);
    },
    (error: ZddError) => error,
  );

describe('migrations trace', () => {
  it.each([
    [[], 'expected either --sql FILE or `-- COMMAND`'],
    [['--sql', 'a.sql', '--', 'alembic'], 'expected either --sql FILE or `-- COMMAND`'],
    [['--timeout', 'soon', '--', 'x'], '--timeout takes a duration such as 10m, not `soon`'],
    [['--rows', '10,many', '--', 'x'], '--rows takes whole numbers up to 50000000, not `many`'],
    [['--rows', '900000000', '--', 'x'], '--rows takes whole numbers'],
    [['--env', 'URL', '--', 'x'], '--env takes NAME=VALUE'],
    [['--transaction', 'both', '--', 'x'], 'per-file or per-statement is expected'],
    [['--down', 'x', '--down-sql', 'x.sql', '--', 'x'], 'there is one way back'],
    [['--in-place', '--', 'x'], '--in-place goes with --database'],
    [['--database', 'postgresql://h/db', '--postgres-bin', '/x', '--', 'x'], 'exclude each other'],
    [['--database', 'mysql://me:hunter22@h/db', '--', 'x'], '--database takes a URL such as postgresql://'],
    [['--database', 'postgresql://me:hunter22@h/', '--', 'x'], 'the URL of --database names no database'],
    [['--postgres-bin', '/nowhere', '--', 'x'], 'no PostgreSQL that can be started in /nowhere'],
  ])('refuses %j', async (words, message) => {
    const error = await refused(...words);
    expect(error.message).toContain(message);
    expect(`${error.message}${stdout}${stderr}`).not.toContain('hunter22');
  });

  it('names the place of what cannot be read', async () => {
    const broken = file('broken.sql', 'select 1;\nselect from where;\n');
    expect((await refused('--old-queries', broken, '--sql', broken)).message).toBe(
      `${broken}:2:13: syntax error at or near "where"`,
    );
    expect((await refused('--sql', join(folder, 'none.sql'))).message).toContain('there is no such file');
  });

  it(
    'gives the trace as JSON, and 99 where it is unsafe',
    async () => {
      const schema = file('schema.sql', 'create table orders (id int primary key, note text);');
      const up = file('up.sql', 'create index on orders (note);');
      const old = file('old.json', '["select note from orders", {"id": "all", "sql": "select id from orders"}]');
      const bin = await SERVERS[0]!.bin();
      const words = ['--postgres-bin', bin, '--schema', schema, '--old-queries', old, '--rows', '100,2000'];
      expect(await trace(...words, '--sql', up, '--json')).toBe(99);
      const told = JSON.parse(stdout) as MigrationTrace;
      expect(told).toMatchObject({
        verdict: 'unsafe',
        statements: [
          {
            sql: 'create index on orders (note)',
            durationMs: expect.any(Number),
            locks: [{ relation: 'orders', mode: 'SHARE' }],
            rewrote: [],
            scanned: [],
            built: ['orders_note_idx'],
            error: null,
          },
        ],
        oldQueries: [
          { id: null, sql: 'select note from orders', error: null },
          { id: 'all', sql: 'select id from orders', error: null },
        ],
        invalidIndexes: [],
        down: null,
      });
      expect(told.findings.map(({ rule, file: at }) => [rule, at])).toContainEqual(['index-built-under-lock', up]);
    },
    SLOW_MS,
  );

  it.each([
    ['true', 'nothing that it ran reached the shadow database'],
    [ASKING, 'the command ended well and wrote nothing'],
  ])(
    'is inconclusive where the command migrates nothing: %s',
    async (command, message) => {
      const bin = await SERVERS[0]!.bin();
      expect(await trace('--postgres-bin', bin, '--', 'sh', '-c', command)).toBe(98);
      expect(stderr).toContain(message);
      expect(stdout).toBe('');
    },
    SLOW_MS,
  );

  it(
    'is inconclusive where it takes too long',
    async () => {
      const bin = await SERVERS[0]!.bin();
      const up = file('up.sql', 'select pg_sleep(600);');
      expect(await trace('--postgres-bin', bin, '--timeout', '2s', '--sql', up)).toBe(98);
      expect(stderr).toContain('the trace could not be completed: it took longer than 2 s');
      expect(stdout).toBe('');
    },
    SLOW_MS,
  );
});

const TRACE: MigrationTrace = {
  verdict: 'unsafe',
  server: '18.4',
  statements: [
    { sql: 'select 1', durationMs: 1, locks: [], rewrote: [], scanned: [], built: [], error: null },
    {
      sql: 'alter table a\n\u001b[31madd b int',
      durationMs: 1234,
      locks: [{ relation: 'a', mode: 'ACCESS EXCLUSIVE' }],
      rewrote: ['a'],
      scanned: [],
      built: ['a_pkey'],
      error: '42P01: no \u001b]0;x\u0007a',
    },
  ],
  invalidIndexes: [],
  oldQueries: [
    { id: null, sql: 'select * from a', error: '0A000: cached plan must not change result type' },
    { id: 'q2', sql: 'select 2', error: null },
  ],
  down: null,
  sizes: [
    { rows: 1000, durationMs: 20, blockingMs: 4 },
    { rows: 50_000, durationMs: 3000, blockingMs: 1234 },
  ],
  findings: ['one', 'two'].map((message) => ({
    file: 'statement 2',
    line: 1,
    column: 1,
    endLine: 2,
    endColumn: 5,
    rule: 'old-query-fails',
    severity: 'error',
    message,
    remedy: 'wait',
  })),
  unseen: ['how many rows'],
};

describe('the text of a trace', () => {
  const text = traceLines(TRACE, [], { style: PLAIN, width: 120 }).join('\n');

  it('shows what locked or worked, counts the rest, and tells the queries one by one', () => {
    expect(text).toContain('  2  1.2 s  ACCESS EXCLUSIVE a  writes a anew, builds a_pkey  alter table a add b int');
    expect(text).toContain('and 1 that locked nothing of others');
    expect(text).toContain('  50000  3 s              1.2 s');
    expect(text).toContain('  fails  select * from a\n    0A000: cached plan must not change result type');
    expect(text).toContain('  works  q2: select 2');
    expect(text).toContain('one (and 1 more, see above)');
    expect(text).toMatch(/Not seen\n {2}how many rows\n/);
    expect(text.split('\n').at(-1)).toBe('unsafe: 2 errors (PostgreSQL 18.4)');
  });

  it('holds nothing that moves a cursor', () => {
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
