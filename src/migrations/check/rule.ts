import type { MigrationSeverity } from '../../model/migrations.js';
import type { HeldLock } from './locks.js';
import type { Name } from './names.js';
import type { Schema } from './schema.js';
import type { Settings } from './settings.js';
import type { Source, Span } from './source.js';
import type { Statement } from './statements.js';
import type { Transaction } from './transactions.js';

/** What a trace with queries of the old release can show of what a rule suspects. */
export type Settled =
  /** Whether a query of the old release still needs what is taken away or tightened. */
  | 'old-queries'
  /** Whether a table was written anew, read from end to end, or kept locked. */
  | 'work'
  /** Nothing: it lies in how the migration is run, or in what other connections do. */
  | 'no';

/** One thing that a migration does to users; a pure function of a statement and of what was read before it. */
export interface Rule {
  name: string;
  /** Of its findings, where they do not say otherwise. */
  severity: MigrationSeverity;
  /** What it finds, as a sentence. */
  claim: string;
  /** Why that harms. */
  because: string;
  remedy: string;
  /** Where it is documented. */
  references: readonly string[];
  settledBy: Settled;
  check(context: Context): Hit[];
}

/** A statement and everything that was read before it. */
export interface Context {
  statement: Statement;
  /** Major version. */
  postgres: number;
  /** Before the statement. */
  schema: Schema;
  settings: Settings;
  /** The transaction it belongs to; null where it runs by itself. */
  transaction: Transaction | null;
  /** What the transaction holds already, of tables that others use. */
  held: readonly HeldLock[];
  /** What comes after it in the same file. */
  rest(): readonly Statement[];
}

export interface Hit {
  message: string;
  /** The table it is about: where the same files create it nobody uses it yet, and nothing is said. */
  table?: Name;
  /** What was created in these files cannot be harmed, if it is no table. */
  createdIn?: Source | null;
  /** The whole statement without one. */
  span?: Span;
  severity?: MigrationSeverity;
  remedy?: string;
}
