/** What a schema change does to users, as the static check and the trace tell it. */

/** `error`: unsafe as far as can be told; `warning`: depends on what was not seen; `note`: worth knowing. */
export type MigrationSeverity = 'error' | 'warning' | 'note';

/** What is said of one place in a migration. */
export interface MigrationFinding {
  /** As the user named it; `statement 3` of a traced command has no file and is named so. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  endLine: number;
  endColumn: number;
  rule: string;
  severity: MigrationSeverity;
  message: string;
  remedy: string;
}

/** A finding that a comment in the SQL takes back, and why. */
export interface SuppressedFinding extends MigrationFinding {
  reason: string;
}

export interface MigrationCheck {
  files: string[];
  /** Major version of PostgreSQL that it was checked for. */
  postgres: number;
  findings: MigrationFinding[];
  suppressed: SuppressedFinding[];
  /** Whether squawk's rules were applied; `why` not, where they were not. */
  squawk: { ran: true; version: string } | { ran: false; why: string };
}

export interface TracedLock {
  relation: string;
  mode: string;
}

export interface TracedStatement {
  sql: string;
  durationMs: number;
  /** The strongest one for each relation that existed before the statement. */
  locks: TracedLock[];
  /** Relations that were written anew. */
  rewrote: string[];
  /** Relations that were read from end to end. */
  scanned: string[];
  /** Indexes that were built. */
  built: string[];
  error: string | null;
}

/** A query of a release, run on the schema of the other one. */
export interface TracedQuery {
  id: string | null;
  sql: string;
  /** As the server says it, with its SQLSTATE; null where it succeeds. */
  error: string | null;
}

/** How long it took with so many rows in each table. */
export interface TracedSize {
  rows: number;
  durationMs: number;
  /** Longest time in which a lock was held that keeps reads or writes waiting. */
  blockingMs: number;
}

export interface MigrationTrace {
  verdict: 'safe' | 'unsafe';
  /** Of the shadow server: `15.13`. */
  server: string;
  statements: TracedStatement[];
  /** Indexes that are there and invalid afterwards. */
  invalidIndexes: string[];
  /** Queries of the old release after the migration. */
  oldQueries: TracedQuery[];
  /** The way back, where there is one: its statements, and the queries of the new release after it. */
  down: { statements: TracedStatement[]; newQueries: TracedQuery[]; oldQueries: TracedQuery[] } | null;
  /** One a size that was asked for, ascending. */
  sizes: TracedSize[];
  findings: MigrationFinding[];
  /** What was not seen, and why. */
  unseen: string[];
}

/** What the SQL of a step was found to do, before the run began. */
export interface MigrationsEvent {
  type: 'migrations';
  at: number;
  step: string;
  check: MigrationCheck | null;
  /** Null where none was asked for, or where it could not be made. */
  trace: MigrationTrace | null;
  /** Why the check or the trace could not be made; null where nothing is missing. */
  problem: string | null;
  /** Whether the run did not begin because of it. */
  refused: boolean;
  /** Findings, statements and queries that were left out: those above are the first ones. */
  dropped: number;
  ms: number;
}

/** What stands: the trace has looked at more than the check, and takes back what it has seen to be harmless. */
export function standingFindings({ check, trace }: Pick<MigrationsEvent, 'check' | 'trace'>): MigrationFinding[] {
  return trace?.findings ?? check?.findings ?? [];
}

export function hasMigrationError(event: Pick<MigrationsEvent, 'check' | 'trace'>): boolean {
  return event.trace?.verdict === 'unsafe' || standingFindings(event).some(({ severity }) => severity === 'error');
}
