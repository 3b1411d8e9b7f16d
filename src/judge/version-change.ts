import type { Run } from '../model/run.js';
import type { Measure } from './measure.js';
import { watchedChange } from './watch-change.js';

export interface VersionChange {
  /** Versions that answered in the baseline. */
  before: string[];
  /** Whether the change was seen as the scenario asks for it; null where it asks for nothing. */
  verified: boolean | null;
  /** What is missing, as sentences. */
  missing: string[];
  /** What watchers saw change, where no version is declared; null where they were not asked. */
  watched: string[] | null;
}

/**
 * A deploy that changes nothing must not pass: the declared version has to change in the release, and to come back
 * where the way back was exercised. What answers is what counts, whatever the commands said and whatever process ids
 * did. Where no version is declared, watched links and processes are asked.
 */
export function versionChange(m: Measure): VersionChange {
  const { run } = m;
  const before = versionsIn(m, m.baseline.phases);
  const { declared, changes } = run.header.version;
  const watched = declared || !changes ? null : watchedChange(m);
  if ((!declared && watched === null) || !changes) return { before, verified: null, missing: [], watched: null };
  const missing = !releaseOf(run) ? [] : (watched?.missing ?? changeMissing(m, before));
  return { before, verified: releaseOf(run) && missing.length === 0, missing, watched: watched?.seen ?? null };
}

function changeMissing(m: Measure, before: string[]): string[] {
  const { run } = m;
  if (before.length === 0) return ['the declared version could not be read from any answer of the baseline'];
  const inRole = (...roles: string[]) =>
    m.whole.phases.filter((index) => roles.includes(run.phases[index]?.role ?? ''));
  const old = before.join(', ');
  const isNew = (version: string) => !before.includes(version);
  const released = versionsIn(m, inRole('release'));
  if (!released.some(isNew)) return [`the version never changed (${old} before and after)`];
  const missing: string[] = [];
  const rehearsal = inRole('rehearsal');
  if (rehearsal.length > 0 && !versionsIn(m, rehearsal).some((version) => before.includes(version)))
    missing.push(`the version never came back in the rehearsed rollback (${old} before)`);
  const forward = inRole('forward');
  if (forward.length > 0 && !versionsIn(m, forward).some(isNew))
    missing.push('the new version never answered again after going forward');
  const now = run.end?.servesNow ?? null;
  const backAtEnd = rehearsal.length > 0 && forward.length === 0;
  if (now !== null && missing.length === 0 && backAtEnd === isNew(now))
    missing.push(
      backAtEnd
        ? `the target still serves ${now} after the rehearsed rollback (${old} before)`
        : `the target serves ${now} at the end, as before the release`,
    );
  return missing;
}

/** Only a release that was carried through can be asked for its change. */
function releaseOf({ end }: Run): boolean {
  return end?.release === 'completed';
}

function versionsIn(m: Measure, phases: readonly number[]): string[] {
  const cells = m.run.cells.filter(({ phase, ok }) => phases.includes(phase) && ok > 0);
  return [...new Set(cells.flatMap(({ version }) => version ?? []))].sort();
}
