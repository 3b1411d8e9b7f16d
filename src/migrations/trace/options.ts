import type { PostgresServer } from '../../platform/postgres-server.js';
import type { TransactionMode } from '../check/check.js';

/** SQL with the name its user knows it by. */
export interface TraceSql {
  file: string;
  text: string;
}

/** A command that connects by what is in its environment, or in its words (`{url}`, `{host}`, ...). */
export interface TraceCommand {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** Further variables of the connection: `{ SQLALCHEMY_DATABASE_URI: '{url}' }`. */
  connection: Record<string, string>;
}

/** What is run: files in their order, or a command. */
export type TraceWork = { sql: TraceSql[] } | { command: TraceCommand };

export interface OldQuery {
  id: string | null;
  sql: string;
}

/** A server of our own, or a database with staging data. */
export type TraceServer =
  | { own: PostgresServer }
  | { database: string /** In the database itself, not in a copy of it. */; inPlace: boolean };

export interface TraceOptions {
  server: TraceServer;
  migration: TraceWork;
  /** How files run that hold no BEGIN, on the way there and back; each statement by itself without it. */
  transaction?: TransactionMode | undefined;
  /** What makes the schema that the old release runs on, in its order. */
  schema: TraceWork[];
  oldQueries: OldQuery[];
  /** The way back. */
  down: TraceWork | null;
  newQueries: OldQuery[];
  /** Rows that each table is filled to, ascending; a database with data is taken as it is. */
  rows: number[];
  /** Rows of the largest table in production, for a forecast. */
  productionRows: number | null;
  timeoutMs: number;
  /** What takes a moment, one line each. */
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Two sizes: enough to see that something grows, and quick. */
export const DEFAULT_ROWS: readonly number[] = [1000, 50_000];
