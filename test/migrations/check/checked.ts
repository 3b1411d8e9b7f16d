import { type CheckOptions, checkMigrations } from '../../../src/migrations/check/check.js';
import type { MigrationCheck, MigrationFinding } from '../../../src/model/migrations.js';

export type Options = Partial<Omit<CheckOptions, 'schema'>> & { schema?: string };

/** The check of one text, by our own rules alone. */
export async function checked(text: string, { schema, ...options }: Options = {}): Promise<MigrationCheck> {
  const before = schema === undefined ? [] : [{ file: 'schema.sql', text: schema }];
  return await checkMigrations([{ file: 'up.sql', text }], { postgres: 15, squawk: false, schema: before, ...options });
}

/** Of one rule. */
export async function foundBy(rule: string, text: string, options: Options = {}): Promise<MigrationFinding[]> {
  return (await checked(text, options)).findings.filter((each) => each.rule === rule);
}

/** `rule severity` of every finding, in their order. */
export function named(findings: readonly MigrationFinding[]): string[] {
  return findings.map(({ rule, severity }) => `${rule} ${severity}`);
}
