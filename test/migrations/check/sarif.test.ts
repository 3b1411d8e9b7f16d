import { describe, expect, it } from 'vitest';
import { checkMigrations } from '../../../src/migrations/check/check.js';
import { sarifOf } from '../../../src/migrations/check/sarif.js';

interface Log {
  $schema: string;
  version: string;
  runs: {
    tool: { driver: { name: string; semanticVersion: string; rules: Record<string, unknown>[] } };
    columnKind: string;
    invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
    results: {
      ruleId: string;
      ruleIndex: number;
      level: string;
      message: { text: string };
      locations: { physicalLocation: { artifactLocation: { uri: string }; region: Record<string, number> } }[];
      suppressions?: { kind: string; justification: string }[];
    }[];
  }[];
}

async function log(file: string, text: string, squawk = true): Promise<Log> {
  return sarifOf(await checkMigrations([{ file, text }], { postgres: 15, squawk }), { version: '1.2.3' }) as Log;
}

const TEXT =
  "SET lock_timeout = '1s';\nDROP TABLE a;\n-- zdd-ignore drop-table: gone since 3.1\nDROP TABLE b; BEGIN; BEGIN; COMMIT;";

describe('SARIF', () => {
  it('has what a code host needs of each result and each rule', async () => {
    const { $schema, version, runs } = await log('db/a b#1.sql', TEXT);
    expect({ $schema, version }).toEqual({ $schema: expect.stringContaining('sarif-2.1.0'), version: '2.1.0' });
    expect(runs).toHaveLength(1);
    const [run] = runs;
    expect(run?.columnKind).toBe('unicodeCodePoints');
    expect(run?.tool.driver).toMatchObject({ name: 'zdd-verify', semanticVersion: '1.2.3' });
    expect(run?.results.map(({ ruleId, level }) => `${ruleId} ${level}`)).toEqual([
      'drop-table error',
      'transaction-nesting warning',
      'drop-table error',
    ]);
    for (const { ruleId, ruleIndex, message, locations } of run?.results ?? []) {
      expect(run?.tool.driver.rules[ruleIndex]).toMatchObject({
        id: ruleId,
        shortDescription: { text: expect.any(String) },
        fullDescription: { text: expect.any(String) },
        help: { text: expect.any(String), markdown: expect.any(String) },
        helpUri: expect.stringMatching(/^https:/),
        defaultConfiguration: { level: expect.stringMatching(/^(?:error|warning|note)$/) },
      });
      expect(message.text).not.toBe('');
      const [{ physicalLocation } = { physicalLocation: null }] = locations;
      expect(physicalLocation?.artifactLocation.uri).toBe('db/a%20b%231.sql');
      for (const value of Object.values(physicalLocation?.region ?? {})) expect(value).toBeGreaterThan(0);
    }
  });

  it('keeps what was taken back, with the reason', async () => {
    const { runs } = await log('up.sql', TEXT);
    const suppressed = runs[0]?.results.filter(({ suppressions }) => suppressions !== undefined) ?? [];
    expect(suppressed.map(({ suppressions }) => suppressions)).toEqual([
      [{ kind: 'inSource', justification: 'gone since 3.1' }],
    ]);
  });

  it('names an absolute path as a URL, and says when squawk did not run', async () => {
    const { runs } = await log('/srv/db/up.sql', 'DROP TABLE a;', false);
    expect(runs[0]?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('file:///srv/db/up.sql');
    expect(runs[0]?.invocations).toMatchObject([
      { executionSuccessful: false, toolExecutionNotifications: [{ level: 'warning' }] },
    ]);
  });
});
