import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkMigrations } from '../../../src/migrations/check/check.js';
import { loadParser } from '../../../src/migrations/check/parser.js';
import { RULES } from '../../../src/migrations/check/rules/registry.js';
import { Source } from '../../../src/migrations/check/source.js';
import { squawkRemarks } from '../../../src/migrations/check/squawk.js';
import { SQUAWK_RULES } from '../../../src/migrations/check/squawk-rules.js';
import { readSource } from '../../../src/migrations/check/walk.js';
import type { MigrationFinding } from '../../../src/model/migrations.js';

beforeAll(loadParser);

async function both(text: string): Promise<MigrationFinding[]> {
  const { findings, squawk } = await checkMigrations([{ file: 'up.sql', text }], { postgres: 15 });
  expect(squawk).toEqual({ ran: true, version: '2.61.0' });
  return findings;
}

describe('squawk', () => {
  it('adds what our rules do not cover, with its place', async () => {
    const long = 'x'.repeat(64);
    const text = `SELECT 'é😀';\r\nBEGIN; BEGIN;\nCREATE TABLE ${long} (id bigint);`;
    const found = await both(text);
    expect(found.map(({ rule, line, column, severity }) => `${rule} ${severity} ${line}:${column}`)).toEqual([
      'ban-uncommitted-transaction error 2:8',
      'transaction-nesting warning 2:8',
      'identifier-too-long warning 3:14',
    ]);
  });

  it('says nothing that one of our rules says of the same statement', async () => {
    const text = [
      "SET lock_timeout = '1s';",
      'ALTER TABLE t DROP COLUMN a;',
      'CREATE INDEX i ON t (b);',
      'ALTER TABLE t ALTER COLUMN b SET NOT NULL;',
      'ALTER TABLE t ADD CONSTRAINT c CHECK (b > 0);',
      'ALTER TABLE t RENAME TO u;',
    ].join('\n');
    const errors = (await both(text)).filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
    expect(errors).toEqual(['drop-column', 'create-index', 'set-not-null', 'check-scan', 'rename']);
  });

  it('does not overrule what our rules know better', async () => {
    const text = [
      "SET lock_timeout = '1s';",
      'ALTER TABLE t ADD CONSTRAINT c CHECK (b IS NOT NULL) NOT VALID;',
      'ALTER TABLE t VALIDATE CONSTRAINT c;',
      'ALTER TABLE t ALTER COLUMN b SET NOT NULL;',
    ].join('\n');
    expect((await both(text)).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('is asked about the rest of a file that holds an error, and about what it cannot read itself', async () => {
    const found = await both('SELEC 1;\nBEGIN; BEGIN; COMMIT;');
    expect(found.map(({ rule }) => rule)).toEqual(['syntax-error', 'transaction-nesting']);
  });

  it('honours its own comments', async () => {
    expect(await both('BEGIN;\n-- squawk-ignore transaction-nesting\nBEGIN; COMMIT;')).toEqual([]);
  });

  it('has an entry for each of its rules, whose stand-ins exist', () => {
    const names = [...RULES.map(({ name }) => name), 'syntax-error'];
    for (const [rule, entry] of Object.entries(SQUAWK_RULES)) {
      if ('by' in entry) for (const name of entry.by ?? []) expect(names, rule).toContain(name);
    }
  });

  it.each([
    ['is not there', null, 'could not be run'],
    ['cannot start', '#!/nowhere/at/all\n', 'could not be run'],
    ['fails', '#!/bin/sh\ncat > /dev/null; echo no such GLIBC >&2; exit 2\n', 'no such GLIBC'],
    ['answers nonsense', '#!/bin/sh\ncat > /dev/null; echo "{"\n', 'JSON'],
  ])('is said not to have run where the program %s', async (_, script, why) => {
    const binary = join(await mkdtemp(join(tmpdir(), 'zdd-squawk-')), 'squawk');
    if (script !== null) {
      await writeFile(binary, script);
      await chmod(binary, 0o755);
    }
    const files = [readSource(new Source({ file: 'up.sql', text: 'BEGIN; BEGIN; COMMIT;' }))];
    const { ran, remarks } = await squawkRemarks(files, { postgres: 15, transaction: 'per-statement', binary });
    expect({ ran: ran.ran, remarks }).toEqual({ ran: false, remarks: [] });
    expect(ran).toHaveProperty('why', expect.stringContaining(why));
  });

  it('ends with the check that is ended', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(checkMigrations([{ file: 'up.sql', text: 'SELECT 1;' }], { postgres: 15, signal })).rejects.toThrow();
  });
});
