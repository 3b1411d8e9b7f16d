import type { Run } from '../model/run.js';
import { round } from './summary.js';

/** `migration.check` of `run.json`: of each step that names its SQL; null where none does. */
export function checksJson({ migrations }: Run): object[] | null {
  if (migrations.length === 0) return null;
  return migrations.map(({ at, step, check, problem, refused, dropped, ms }) => ({
    step,
    atMs: round(at),
    ms: round(ms),
    files: check?.files ?? [],
    postgres: check?.postgres ?? null,
    squawk: check?.squawk ?? null,
    findings: check?.findings ?? [],
    suppressed: check?.suppressed ?? [],
    problem,
    refused,
    dropped,
  }));
}

/** `migration.trace`: of each step whose SQL was run on a shadow database; null where none was. */
export function tracesJson({ migrations }: Run): object[] | null {
  const traced = migrations.flatMap(({ step, trace }) => (trace === null ? [] : [{ step, ...trace }]));
  return traced.length === 0 ? null : traced;
}
