import { DEFAULT_POSTGRES } from '../migrations/check/version.js';
import type { MigrationFile, StepMigrations } from '../steps/step.js';
import { isTrue, numberOf } from './leaves.js';
import type { MigrationFiles } from './migration-files.js';
import type { Path, Report } from './problem.js';
import type { CheckedStep } from './schema.js';

/** Reads `migrations` of a step; its files were read before. */
export function readMigrations(
  input: CheckedStep['migrations'],
  found: MigrationFiles,
  path: Path,
  report: Report,
): StepMigrations | null {
  if (input === undefined) return null;
  const isPath = typeof input === 'string' || Array.isArray(input);
  const { files, schema, oldQueries, postgres, trace, refuse, transaction } = isPath ? { files: input } : input;
  const read = (given: string | string[] | undefined, at: Path): MigrationFile[] =>
    [given ?? []].flat().flatMap((pattern, index) => {
      const lookup = found.get(pattern) ?? { problem: 'was not read' };
      if ('files' in lookup) return lookup.files;
      report(Array.isArray(given) ? [...at, index] : at, `\`${pattern}\` ${lookup.problem}`, {
        hint: "name files that are there before the run, from the scenario's folder on",
      });
      return [];
    });
  const queries = read(oldQueries, [...path, 'oldQueries']);
  if (oldQueries !== undefined && trace === undefined) {
    report([...path, 'oldQueries'], '`oldQueries` goes with `trace`', { part: 'key', hint: 'add `trace: true`' });
  } else if (queries.length > 1) {
    report([...path, 'oldQueries'], `expected one file, got ${queries.length}`);
  }
  return {
    files: once(read(files, isPath ? path : [...path, 'files'])),
    schema: once(read(schema, [...path, 'schema'])),
    oldQueries: queries[0] ?? null,
    transaction: transaction ?? 'per-statement',
    postgres: postgres === undefined ? DEFAULT_POSTGRES : numberOf(postgres),
    trace: isTrue(trace),
    refuse: refuse ?? 'never',
  };
}

/** Two patterns may name the same file. */
function once(files: readonly MigrationFile[]): MigrationFile[] {
  return [...new Map(files.map((each) => [each.file, each])).values()];
}
