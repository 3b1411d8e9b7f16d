import { fileURLToPath } from 'node:url';
import { embeddedPostgres } from '../../../src/platform/postgres-embedded.js';
import type { Major } from './cases.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** Where PostgreSQL 15 is on Debian; it is not installed by anything here. */
export const POSTGRES_15 = process.env.ZDD_POSTGRES_15 ?? '/usr/lib/postgresql/15/bin';

/** The folder with `postgres` and `initdb`. */
export function programsOf(major: Major): string | Promise<string> {
  return major === '15' ? POSTGRES_15 : embeddedPostgres(PROJECT, (line) => process.stdout.write(`${line}\n`));
}
