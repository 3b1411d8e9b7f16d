import type { MigrationFinding } from '../../model/migrations.js';
import { failureFinding, finding, invalidIndexFinding } from './findings.js';
import type { Measured } from './measure.js';
import type { TraceOptions } from './options.js';
import { placesIn, wholeOf } from './places.js';
import type { Traced } from './traced.js';
import type { Place } from './work.js';

/** What fails by itself, and what is left of it. */
export function failures(traced: Traced): MigrationFinding[] {
  return [
    ...byValues(traced),
    ...ofRuns(traced),
    ...tolerated(traced),
    ...leftInvalid(traced),
    ...ofTheWayBack(traced),
  ];
}

function byValues({ runs, failedByRows, options }: Traced): MigrationFinding[] {
  if (failedByRows === null) return [];
  const message = `with rows that were made up it fails by their values: ${failedByRows}; without rows it does not`;
  return [finding(wholeOf(runs[0] as Measured, options), 'fails-by-values', 'warning', message)];
}

function ofRuns({ runs, options }: Traced): MigrationFinding[] {
  const first = runs[0] as Measured;
  return runs.flatMap((measured) => {
    const { run, rows } = measured;
    if (run.fault === null) return [];
    const { place, said } = failureIn(measured, first, options);
    const size = measured === first ? '' : ` with ${rows} rows`;
    return failureFinding(place, `it fails${size}: ${run.fault}${said}`, 'error');
  });
}

/** The statement that failed last, and what the server says of it where the fault does not. */
function failureIn(measured: Measured, whole: Measured, options: TraceOptions): { place: Place; said: string } {
  const failing = measured.facts.findLast(({ seen }) => seen.error !== null);
  const message = failing?.seen.error?.message;
  if (failing === undefined || message === undefined) return { place: wholeOf(whole, options), said: '' };
  const isSaid = measured.run.fault?.includes(message) ?? false;
  return { place: placesIn(measured)(failing), said: isSaid ? '' : ` (the server: ${message})` };
}

/** Some commands try what may fail, and go on. */
function tolerated({ runs }: Traced): MigrationFinding[] {
  const first = runs[0] as Measured;
  if (first.run.fault !== null) return [];
  return first.facts.flatMap((each) => {
    if (each.seen.error === null) return [];
    const message = `it fails, and the command goes on: ${each.seen.error.message}`;
    return failureFinding(placesIn(first)(each), message, 'warning');
  });
}

function leftInvalid({ runs, options }: Traced): MigrationFinding[] {
  const first = runs[0] as Measured;
  return first.run.invalidIndexes.map((index) => {
    const builder = first.facts.find(({ sql }) => sql.includes(index.split('.').at(-1) as string));
    return invalidIndexFinding(builder === undefined ? wholeOf(first, options) : placesIn(first)(builder), index);
  });
}

function ofTheWayBack({ runs, back, options }: Traced): MigrationFinding[] {
  const fault = back?.run.run.fault;
  if (back === null || fault == null) return [];
  const { place, said } = failureIn(back.run, runs[0] as Measured, options);
  return [finding(place, 'rollback-fails', 'error', `the way back fails: ${fault}${said}`)];
}
