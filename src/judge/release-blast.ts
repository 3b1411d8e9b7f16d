import type { ReleaseState } from '../model/event.js';
import { MOVES_TRAFFIC, type StepKind } from '../model/phase.js';
import type { BlastRadius } from '../model/release.js';
import { BUCKET_MS, type Run, type VersionSpan } from '../model/run.js';
import { formatCount, formatMs, formatShare } from '../model/units.js';
import type { Measure } from './measure.js';
import { releaseOf } from './release.js';
import { nameOf } from './scope.js';

const UNDONE: readonly ReleaseState[] = ['rolled-back', 'rollback-failed', 'aborted'];

/**
 * How many users a release has reached that was not carried through: what the new version answered, from the step that
 * moved the traffic on. Null where the release was carried through or never moved traffic, and where no version tells
 * the new release from the old one.
 */
export function blastRadiusOf(m: Measure): BlastRadius | null {
  const { run } = m;
  const before = versionsBefore(m);
  if (!run.header.version.declared || before.length === 0 || !UNDONE.includes(releaseOf(m))) return null;
  const moving = m.whole.phases.find((index) => MOVES_TRAFFIC.includes(run.phases[index]?.kind as StepKind));
  if (moving === undefined) return null;
  const [span] = run.versions
    .filter(({ version }) => !before.includes(version))
    .sort((a, b) => b.requests - a.requests);
  return span === undefined ? untouched(m, moving) : reached(m, span);
}

/** `v2 answered 312 of 6,240 requests (5 %) in 31 s, and failed 94 of them (30 %)`. */
export function blastText({
  version,
  requests,
  failed,
  share,
  failedShare,
  ms,
  all,
  failedUnknown,
}: BlastRadius): string {
  const unknown = failedUnknown === 0 ? '' : `; ${formatCount(failedUnknown)} failed without saying a version`;
  if (version === null)
    return `blast radius: none of ${formatCount(all)} requests was answered by a new version${unknown}`;
  const reachedText = `${version} answered ${formatCount(requests)} of ${formatCount(all)} requests (${formatShare(share)}) in ${formatMs(ms)}`;
  const lost =
    failed === 0 ? 'and failed none' : `and failed ${formatCount(failed)} of them (${formatShare(failedShare)})`;
  return `blast radius: ${reachedText}, ${lost}${unknown}`;
}

function reached(m: Measure, { version, requests, failed, firstAt, lastAt }: VersionSpan): BlastRadius {
  const { run } = m;
  const from = phaseAt(m, firstAt);
  const until = phaseAt(m, lastAt);
  const all = Math.max(requests, requestsBetween(run, run.phases[from]?.startAt ?? firstAt, lastAt));
  return {
    version,
    requests,
    failed,
    share: requests / all,
    failedShare: requests === 0 ? 0 : failed / requests,
    ms: lastAt - firstAt,
    all,
    failedUnknown: failedUnknown(m, from, until),
    phase: nameOf(run, from),
  };
}

/** Nobody was answered by the new release: from the step that was to move the traffic to the way back. */
function untouched(m: Measure, moving: number): BlastRadius {
  const { run } = m;
  const back = m.whole.phases.find((index) => index > moving && run.phases[index]?.role === 'emergency');
  const last = back === undefined ? (m.whole.phases.at(-1) ?? moving) : back - 1;
  const all = m.tally({
    label: '',
    phases: m.whole.phases.filter((index) => index >= moving && index <= last),
  }).requests;
  return {
    version: null,
    requests: 0,
    failed: 0,
    share: 0,
    failedShare: 0,
    ms: 0,
    all,
    failedUnknown: failedUnknown(m, moving, last),
    phase: nameOf(run, moving),
  };
}

function versionsBefore(m: Measure): string[] {
  return [...new Set(m.cells(m.baseline).flatMap(({ version }) => version ?? []))];
}

/** The judged phase in which something ended. */
function phaseAt({ run, whole }: Measure, at: number): number {
  return whole.phases.findLast((index) => (run.phases[index]?.startAt ?? 0) <= at) ?? whole.phases[0] ?? 0;
}

/** By 100 ms of their end. */
function requestsBetween({ buckets }: Run, from: number, to: number): number {
  return buckets.filter(({ at }) => at + BUCKET_MS > from && at <= to).reduce((sum, { requests }) => sum + requests, 0);
}

function failedUnknown(m: Measure, from: number, to: number): number {
  const phases = m.whole.phases.filter((index) => index >= from && index <= to);
  return m
    .cells({ label: '', phases })
    .filter(({ version }) => version === null)
    .reduce((sum, { failed }) => sum + failed, 0);
}
