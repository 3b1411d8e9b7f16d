import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { exitCodeFor } from '../../src/cli/migrations-check.js';
import type { MigrationCheck, MigrationFinding } from '../../src/model/migrations.js';
import { emptyFolder } from '../setup/empty-folder.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const GOOD = "SET lock_timeout = '1s';\nCREATE TABLE a (id bigint);\n";
const BAD = "SET lock_timeout = '1s';\n-- ü\nALTER TABLE t\tDROP COLUMN a;\n";

let dir = '';
beforeEach(async () => {
  dir = await emptyFolder();
  writeFileSync(join(dir, 'good.sql'), GOOD);
  writeFileSync(join(dir, 'bad.sql'), BAD);
});

function check(args: string[], { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}) {
  return spawnSync(process.execPath, [MAIN, 'migrations', 'check', ...args], {
    cwd: dir,
    encoding: 'utf8',
    input,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...env },
  });
}

describe('migrations check', () => {
  it('passes a migration that harms nobody, and says for which PostgreSQL', () => {
    const { status, stdout, stderr } = check(['good.sql']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toBe('0 errors, 0 warnings, 0 notes in 1 file for PostgreSQL 15, with squawk 2.61.0\n');
  });

  it('shows the line with what is wrong underlined, and exits with 99', () => {
    const { status, stdout, stderr } = check(['bad.sql', 'good.sql', '--postgres', '16.4']);
    expect(status).toBe(99);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('bad.sql:3:1: error drop-column');
    expect(lines[2]).toBe('  3 | ALTER TABLE t DROP COLUMN a;');
    expect(lines[3]).toBe(`    | ${'^'.repeat(27)}`);
    expect(lines[4]).toMatch(/^ {2}fix /);
    expect(stderr).toBe('1 error, 0 warnings, 0 notes in 2 files for PostgreSQL 16, with squawk 2.61.0\n');
  });

  it('prints the findings as JSON and nothing else on stdout', () => {
    const { status, stdout } = check(['bad.sql', '--json']);
    expect(status).toBe(99);
    const findings = JSON.parse(stdout) as MigrationFinding[];
    expect(findings).toEqual([
      {
        file: 'bad.sql',
        line: 3,
        column: 1,
        endLine: 3,
        endColumn: 28,
        rule: 'drop-column',
        severity: 'error',
        message: expect.stringContaining('Column a of t'),
        remedy: expect.any(String),
      },
    ]);
    expect(check(['good.sql', '--json']).stdout).toBe('[]\n');
  });

  it('writes SARIF to standard output or to a file, and never over a migration', () => {
    expect(JSON.parse(check(['bad.sql', '--sarif']).stdout)).toMatchObject({ version: '2.1.0' });
    const { status, stdout } = check(['--sarif', 'out.sarif', 'bad.sql']);
    expect({ status, text: stdout.split('\n')[0] }).toEqual({ status: 99, text: 'bad.sql:3:1: error drop-column' });
    expect(JSON.parse(readFileSync(join(dir, 'out.sarif'), 'utf8'))).toHaveProperty('runs');
    const wrong = check(['--sarif', 'bad.sql', 'good.sql']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toContain('.sarif');
    expect(readFileSync(join(dir, 'bad.sql'), 'utf8')).toBe(BAD);
  });

  it('reads standard input, and folders by name', () => {
    expect(check(['-'], { input: BAD }).stdout).toContain('-:3:1: error drop-column');
    mkdirSync(join(dir, 'sub'));
    writeFileSync(join(dir, 'sub', '1.sql'), BAD);
    const { stdout, stderr } = check(['.']);
    expect(stdout.match(/^\S+: error drop-column$/gm)).toEqual([
      'bad.sql:3:1: error drop-column',
      `${join('sub', '1.sql')}:3:1: error drop-column`,
    ]);
    expect(stderr).toContain('in 3 files');
  });

  it('knows the schema that is there, and how a framework runs a file', () => {
    writeFileSync(join(dir, 'schema.sql'), 'CREATE TABLE t (a varchar(10));');
    writeFileSync(join(dir, 'widen.sql'), "SET lock_timeout = '1s';\nALTER TABLE t ALTER COLUMN a TYPE varchar(5);");
    expect(check(['widen.sql']).status).toBe(0);
    expect(check(['widen.sql', '--schema', 'schema.sql']).status).toBe(99);
    writeFileSync(join(dir, 'index.sql'), 'CREATE INDEX CONCURRENTLY i ON t (a);');
    expect(check(['index.sql']).status).toBe(0);
    expect(check(['index.sql', '--transaction', 'per-file']).stdout).toContain('error not-in-transaction');
  });

  it('counts what was taken back', () => {
    writeFileSync(join(dir, 'known.sql'), BAD.replace('-- ü', '-- zdd-ignore drop-column: unused since 3.1'));
    const { status, stderr } = check(['known.sql']);
    expect(status).toBe(0);
    expect(stderr).toContain('1 suppressed');
  });

  it('says every place of the same warning in one go', () => {
    writeFileSync(join(dir, 'many.sql'), 'ALTER TABLE a ADD COLUMN x int;\nALTER TABLE b ADD COLUMN x int;\n');
    const { stdout } = check(['many.sql']);
    expect(stdout.match(/ warning no-lock-timeout$/gm)).toHaveLength(1);
    expect(stdout).toContain('the same at 2:1');
  });

  it('prints nothing of a file that moves the cursor', () => {
    writeFileSync(join(dir, 'evil.sql'), 'DROP TABLE "\u001b[2J\u202e";');
    const { stdout } = check(['evil.sql']);
    expect(stdout).toContain('error drop-table');
    expect(stdout).not.toMatch(/[\u001b\u202e]/);
  });

  it('is coloured where that is asked for', () => {
    const { stdout } = check(['bad.sql'], { env: { NO_COLOR: '', FORCE_COLOR: '1' } });
    expect(stdout).toContain('\u001b[31merror\u001b[39m');
  });

  it.each([
    [['none.sql'], 'MIGRATION_UNREADABLE'],
    [[], "missing required argument 'files'"],
    [['good.sql', '--postgres', '8'], 'a major version from'],
    [['good.sql', '--postgres', 'x15'], 'a major version from'],
    [['good.sql', '--transaction', 'always'], 'per-file or per-statement'],
    [['good.sql', '--json', '--sarif'], 'both go to standard output'],
  ])('refuses %j with exit code 2', (args, words) => {
    const { status, stdout, stderr }: SpawnSyncReturns<string> = check(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(words);
  });

  it('does without squawk where that is asked for, and says so', () => {
    const { status, stderr } = check(['good.sql', '--no-squawk']);
    expect(status).toBe(0);
    expect(stderr).toBe('0 errors, 0 warnings, 0 notes in 1 file for PostgreSQL 15, without squawk\n');
  });

  it('is inconclusive without squawk unless that was asked for, and an error outranks it', () => {
    const error = { severity: 'error' } as MigrationFinding;
    const without = { findings: [], squawk: { ran: false, why: 'no program' } } as unknown as MigrationCheck;
    expect(exitCodeFor(without, true)).toBe(98);
    expect(exitCodeFor(without, false)).toBe(0);
    expect(exitCodeFor({ ...without, findings: [error] }, true)).toBe(99);
  });

  it('has a page for every rule', () => {
    const { stdout } = spawnSync(process.execPath, [MAIN, 'explain', 'set-not-null'], { encoding: 'utf8' });
    expect(stdout).toContain("set-not-null (rule of the migrations' check or trace)");
    expect(stdout).toContain('https://www.postgresql.org/docs/');
    expect(existsSync(MAIN)).toBe(true);
  });
});
