import { messageOf } from '../model/errors.js';
import { hasMigrationError, type MigrationCheck, type MigrationsEvent } from '../model/migrations.js';
import type { Step, StepMigrations } from '../steps/step.js';
import { bounded } from './bound-migrations.js';
import type { RunContext } from './context.js';
import { Halted } from './halt.js';
import { traceStep } from './trace-migrations.js';

/** Name of the log of what the shadow database had to say. */
const LOG = 'migrations';

/**
 * Looks at the SQL that steps name, before any of them runs, and records what was found. Why the run must not begin,
 * one sentence for each step whose SQL it refuses.
 */
export async function checkStepMigrations(context: RunContext): Promise<string[]> {
  const { setup, steps, rollback, teardown } = context.scenario;
  const refusals: string[] = [];
  for (const step of [...setup, ...steps, ...rollback, ...teardown]) {
    if (step.migrations === null || context.halt.reason !== null) continue;
    const found = await lookAt(context, step, step.migrations);
    if (found === null) break;
    context.recorder.event(found);
    if (found.refused) refusals.push(whyRefused(found));
  }
  return refusals;
}

/** Null where the run was ended meanwhile. */
async function lookAt(
  context: RunContext,
  { name }: Step,
  migrations: StepMigrations,
): Promise<MigrationsEvent | null> {
  const { clock, halt } = context;
  context.onProgress(`migrations of ${name}`);
  const at = clock.now();
  const problems: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Halted) && halt.reason === null) problems.push(`${what}: ${messageOf(error)}`);
      return null;
    }
  };
  const check = await attempt('the SQL could not be checked', () => checkStep(migrations, halt.signal));
  const trace = migrations.trace
    ? await attempt('the SQL could not be traced', () => withLog(context, (say) => traceStep(context, migrations, say)))
    : null;
  if (halt.reason !== null) return null;
  const problem = problems.length === 0 ? null : problems.join('; ');
  const refused = migrations.refuse === 'error' && (problem !== null || hasMigrationError({ check, trace }));
  return { type: 'migrations', at, step: name, ...bounded(check, trace), problem, refused, ms: clock.now() - at };
}

/** The parser is loaded only where there is something to parse. */
async function checkStep(
  { files, schema, postgres, transaction }: StepMigrations,
  signal: AbortSignal,
): Promise<MigrationCheck> {
  const { checkMigrations } = await import('../migrations/check/check.js');
  return checkMigrations(files, { postgres, schema, transaction, signal });
}

async function withLog<T>(
  { recorder, clock }: RunContext,
  work: (say: (line: string) => void) => Promise<T>,
): Promise<T> {
  const log = await recorder.stepLog(LOG);
  try {
    return await work((line) => log.line(clock.now(), line));
  } finally {
    await log.close();
  }
}

function whyRefused(event: MigrationsEvent): string {
  const { step, check, trace, problem } = event;
  if (problem !== null && !hasMigrationError(event)) return `the SQL of ${step} may be harmful: ${problem}`;
  const errors = (trace?.findings ?? check?.findings ?? []).filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return first === undefined
    ? `the trace of the SQL of ${step} is unsafe`
    : `the SQL of ${step} is unsafe: ${first.file}:${first.line}:${first.column}: ${first.message}${more}`;
}
