import type { Cell } from '../model/run.js';
import type { StickyAnswers, VersionStep, VersionTimeline } from '../model/version-timeline.js';
import type { Measure } from './measure.js';
import { nameOf } from './scope.js';
import type { VersionChange } from './version-change.js';
import { answersBetween, endOf, movedBy } from './version-window.js';

/** Fewer answers than this say nothing of a share. */
const ANSWERS_NEEDED = 10;

/**
 * Which release answered when: first and last answers, share and errors by step, and whether the new release took over
 * in the end. The baseline says which versions are old. Null where no version was read from any answer.
 */
export function versionTimelineOf(m: Measure, { before }: Pick<VersionChange, 'before'>): VersionTimeline | null {
  const { run } = m;
  if (run.versions.length === 0) return null;
  return {
    versions: run.versions.map((span) => ({ ...span, isOld: before.includes(span.version) })),
    overlapMs: run.versionOverlapMs,
    steps: [...m.baseline.phases, ...m.whole.phases].flatMap((index) => stepOf(m, index) ?? []),
    takeover: takeoverOf(m, before),
    interleaving: interleavingOf(m, before),
    sticky: stickyOf(m, before),
  };
}

function stepOf(m: Measure, phase: number): VersionStep | null {
  const cells = m.cells({ label: '', phases: [phase] });
  const answered = answersOf(cells.filter(({ version }) => version !== null));
  if (cells.every(({ requests }) => requests === 0)) return null;
  const shares = m.run.versions.flatMap(({ version }) => {
    const own = cells.filter((cell) => cell.version === version);
    const requests = answersOf(own);
    if (requests === 0) return [];
    return [{ version, requests, share: requests / answered, failed: sum(own, 'failed') }];
  });
  const unknown = cells.filter(({ version }) => version === null);
  return { phase, name: nameOf(m.run, phase), shares, failedUnknown: sum(unknown, 'failed') };
}

/** What a rate limiter answered is no version's. */
function answersOf(cells: readonly Cell[]): number {
  return sum(cells, 'requests') - sum(cells, 'blocked');
}

function sum(cells: readonly Cell[], key: 'requests' | 'failed' | 'blocked' | 'cached'): number {
  return cells.reduce((total, cell) => total + cell[key], 0);
}

/**
 * The shares from the time at which the last step that moves traffic was settled to the end of the release. Only a
 * release that was carried through, and that has to change its version, is asked.
 */
function takeoverOf(m: Measure, before: readonly string[]): VersionTimeline['takeover'] {
  const { run } = m;
  const { declared, changes } = run.header.version;
  if (!declared || !changes || before.length === 0) return null;
  const moved = movedBy(m);
  if (moved === null) return null;
  const window = { from: moved.settledAt, to: endOf(m) };
  const { answers, old } = answersBetween(run, before, window);
  if (answers < ANSWERS_NEEDED) return null;
  const [newest] = newVersions(m, before).sort((a, b) => b.requests - a.requests);
  const share = (answers - old) / answers;
  const kind =
    newest === undefined ? 'never' : share === 1 ? 'whole' : share >= 0.5 ? 'most' : share > 0 ? 'part' : 'gone';
  return { kind, version: newest?.version ?? null, share, answers, ...window };
}

/** Versions that answered in the release, and not in the baseline. */
function newVersions(m: Measure, before: readonly string[]): { version: string; requests: number }[] {
  const released = m.whole.phases.filter((index) => m.run.phases[index]?.role === 'release');
  return m.run.versions.flatMap(({ version }) => {
    const requests = answersOf(m.cells({ label: '', phases: released }, { version }));
    return before.includes(version) || requests === 0 ? [] : [{ version, requests }];
  });
}

/**
 * Old answers that come back after new ones alone, in the last step that moves traffic, once that was settled. Later
 * steps are another question: `sticky`. A single last answer of the old release, after which it is gone, is none.
 */
function interleavingOf(m: Measure, before: readonly string[]): VersionTimeline['interleaving'] {
  const moved = movedBy(m);
  if (moved === null || before.length === 0) return null;
  const to = Math.min(m.run.phases[moved.phase]?.endAt ?? 0, endOf(m));
  const { answers, old, returns } = answersBetween(m.run, before, { from: moved.settledAt, to });
  if (returns === 0) return null;
  return { phase: moved.phase, from: moved.settledAt, to, oldAnswers: old, newAnswers: answers - old, returns };
}

function stickyOf(m: Measure, before: readonly string[]): StickyAnswers | null {
  const moved = movedBy(m);
  if (moved === null) return null;
  const later = m.whole.phases.filter((index) => index > moved.phase && m.run.phases[index]?.role === 'release');
  const cells = m
    .cells({ label: '', phases: later })
    .filter((cell) => before.includes(cell.version ?? '') && answersOf([cell]) > 0);
  if (cells.length === 0) return null;
  const of = (connection: Cell['connection']) => answersOf(cells.filter((cell) => cell.connection === connection));
  return {
    requests: answersOf(cells),
    fresh: of('fresh'),
    reused: of('reused'),
    cached: sum(cells, 'cached'),
    flows: [...new Set(cells.map(({ flow }) => flow))].sort(),
    phases: later.filter((index) => cells.some(({ phase }) => phase === index)).map((index) => nameOf(m.run, index)),
  };
}
