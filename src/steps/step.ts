import type { StepKind } from '../model/phase.js';
import type { Share } from '../model/release.js';
import type { RemoteHost } from '../platform/ssh.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { RequestPlan, VersionPlan } from '../wire/plan.js';

/** One release action. Texts may still hold `${baseline.version}`, known only once the baseline was measured. */
export interface Step {
  name: string;
  kind: StepKind;
  /** A string is a shell script, never interpolated; a list is argv without a shell. */
  run: string | string[] | null;
  /** Where it runs; null for this machine. */
  host: RemoteHost | null;
  /** On a host, from the folder the login begins in on; here it is absolute. */
  cwd: string | null;
  env: Record<string, string>;
  timeoutMs: number;
  ready: Readiness | null;
  /** How long traffic goes on after the step is ready, ms; null for the default. */
  holdMs: number | null;
  /** The hold ends as soon as so many requests were seen, `holdMs` at the latest; null where it is a time alone. */
  holdUntil: (Share & { requests: number }) | null;
  /** Rate at which the mix arrives while the step's phase lasts, arrivals per second; null for the traffic's own. */
  ratePerSec: number | null;
  /** SQL that it runs, for the check before the run; null where the scenario names none. */
  migrations: StepMigrations | null;
  onFail: 'rollback' | 'abort' | 'continue' | null;
}

/** A file with SQL, by the path that the scenario has for it. */
export interface MigrationFile {
  file: string;
  text: string;
}

/** What is known of the schema change that a step makes, and what is looked at before the run. */
export interface StepMigrations {
  /** In the order in which they run. */
  files: MigrationFile[];
  /** What makes the schema that the migration finds; empty where the scenario does not say. */
  schema: MigrationFile[];
  /** Queries of the release before; null where the scenario names none. */
  oldQueries: MigrationFile | null;
  /** How files run that hold no BEGIN. */
  transaction: 'per-statement' | 'per-file';
  /** Major version of the server. */
  postgres: number;
  /** Whether it is also run on a shadow database. */
  trace: boolean;
  /** Whether an error keeps the run from its beginning. */
  refuse: 'error' | 'never';
}

/** Open once every check passed `consecutive` times in a row; each check on a fresh connection. */
export interface Readiness {
  checks: ReadinessCheck[];
  consecutive: number;
  withinMs: number;
  intervalMs: number;
}

export interface ReadinessCheck extends RequestPlan {
  /** The service that is asked; null for the main one, or where the path is the URL of something else. */
  endpoint: Endpoint | null;
  /** The version that must answer, and how it is read; null where any will do. */
  version: { expected: string | RegExp; from: VersionPlan } | null;
}
