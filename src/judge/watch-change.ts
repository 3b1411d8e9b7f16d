import { formatCount } from '../model/units.js';
import type { WatchRun } from '../model/watch.js';
import type { Measure } from './measure.js';
import { beganIn, isComplete, type Stage, stagesOf, stateAt, watchersOf, workersOf } from './watch.js';

/** What links and processes say of a release that was carried through. */
export interface WatchedChange {
  /** What changed, as sentences. */
  seen: string[];
  /** What is missing for a proof, as sentences. */
  missing: string[];
}

/**
 * Evidence of a change where no version is declared: a link that points elsewhere and comes back in the rehearsal,
 * processes that began anew. Each kind that is watched must show it once: a link that nobody reads again, or processes
 * that begin on the same release, show nothing. Null where neither is watched.
 */
export function watchedChange(m: Measure): WatchedChange | null {
  const links = watchersOf(m.run, 'link');
  const groups = watchersOf(m.run, 'processes');
  if (links.length + groups.length === 0) return null;
  const stages = stagesOf(m);
  const ofLinks = links.map((watch) => linkChange(watch, stages));
  const ofGroups = groups.map((watch) => processChange(watch, m, stages));
  const seen = [...ofLinks, ...ofGroups].flatMap((change) => ('seen' in change ? [change.seen] : []));
  const missing = [...missingOf(ofLinks), ...missingOf(ofGroups)];
  const unknown = [...ofLinks, ...ofGroups].some((change) => 'unknown' in change);
  if (seen.length > 0 || unknown) return { seen, missing };
  return { seen, missing: [`nothing watched changed: ${missing.join('; ')}`] };
}

type Change = { seen: string } | { missing: string } | { unknown: string };

/** What one of a kind showed, another need not; what was not seen may be the one that matters. */
function missingOf(changes: readonly Change[]): string[] {
  const changed = changes.some((change) => 'seen' in change);
  return changes.flatMap((change) => {
    if ('unknown' in change) return [change.unknown];
    return 'missing' in change && !changed ? [change.missing] : [];
  });
}

function linkChange(watch: WatchRun, stages: readonly Stage[]): Change {
  const release = stages.find(({ role }) => role === 'release');
  const [subject] = watch.states.map((state) => state.subject);
  if (release === undefined || subject === undefined) return unknown(watch);
  const before = stateAt(watch, subject, release.from);
  const after = stateAt(watch, subject, release.to);
  if (before === undefined || after === undefined || after === null) return unknown(watch);
  if (!isComplete(watch, release.to - 1, release.to)) return unknown(watch);
  if (after === before) return { missing: `the link ${watch.name} still points to ${after}` };
  const back = stages.find(({ role }) => role === 'rehearsal');
  const forward = stages.find(({ role }) => role === 'forward');
  const shown = (target: string | null | undefined) => target ?? 'nothing';
  if (back !== undefined) {
    const then = stateAt(watch, subject, back.to);
    if (!isComplete(watch, back.to - 1, back.to)) return unknown(watch);
    if (then !== before)
      return {
        missing: `the link ${watch.name} did not come back in the rehearsed rollback (${shown(before)} before, ${shown(then)} after)`,
      };
  }
  if (forward !== undefined && stateAt(watch, subject, forward.to) === before)
    return { missing: `the link ${watch.name} did not go forward again (${shown(before)} at the end, as before)` };
  const returned = back === undefined ? '' : ', and came back';
  return { seen: `the link ${watch.name} pointed to ${shown(before)}, then to ${after}${returned}` };
}

function processChange(watch: WatchRun, m: Measure, stages: readonly Stage[]): Change {
  const release = stages.find(({ role }) => role === 'release');
  if (release === undefined) return unknown(watch);
  const workers = workersOf(watch, m);
  const began = beganIn(workers, release.from, release.to);
  if (began.length > 0)
    return { seen: `${formatCount(began.length)} of the processes ${watch.name} began in the release and stayed` };
  if (workers.length === 0 || !isComplete(watch, release.from, release.to)) return unknown(watch);
  return { missing: `no process of ${watch.name} began in the release` };
}

function unknown({ name, kind, blind }: WatchRun): Change {
  const why = blind.at(-1)?.detail ?? '';
  return { unknown: `what the ${kind} ${name} did is not known${why === '' ? '' : ` (${why})`}` };
}
