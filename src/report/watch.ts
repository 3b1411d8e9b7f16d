import type { Run } from '../model/run.js';
import { formatCount, formatMs, formatShare, formatValue, plural } from '../model/units.js';
import { PLATFORM_LABEL, type PlatformAct, type ValueUnit, type WatchedSeries, type WatchRun } from '../model/watch.js';
import { atSeconds, clip } from './text.js';

/** Entries of a list that are named in a line. */
const NAMED = 6;

/** What one watcher saw, in words. */
export interface WatchSummary {
  watch: WatchRun;
  /** `link`, `log on web1`. */
  kind: string;
  texts: string[];
  /** It did not see all of the run from the baseline on. */
  isBlind: boolean;
}

export function watchSummaries(run: Run): WatchSummary[] {
  const from = judgedFrom(run);
  return run.watchers.map((watch) => {
    const blind = blindMs(watch, from, run.durationMs);
    const texts = [
      ...statesText(watch),
      ...processesText(watch, from),
      ...linesText(watch),
      ...watch.values.slice(0, NAMED).map((series) => seriesText(series, from)),
      ...(watch.values.length > NAMED ? [`${plural(watch.values.length - NAMED, 'more series', 'more series')}`] : []),
      ...locksText(watch),
      ...watch.incidents.slice(0, NAMED).map(({ at, detail }) => `${atSeconds(at)}: ${clip(detail, 200)}`),
      ...watch.platformActs.slice(0, NAMED).map((act) => `${atSeconds(act.at)}: ${clip(platformActText(act), 200)}`),
      ...watch.unseen.map((what) => `could not see ${clip(what, 200)}`),
      ...(blind.ms > 0 ? [`not seen for ${formatMs(blind.ms)}: ${clip(blind.detail, 200)}`] : []),
      ...(watch.dropped > 0 ? [`${plural(watch.dropped, 'entry', 'entries')} more than were kept`] : []),
    ];
    return {
      watch,
      kind: watch.on === null ? watch.kind : `${watch.kind} on ${clip(watch.on, 60)}`,
      texts: texts.length === 0 ? ['nothing'] : texts,
      isBlind: blind.ms > 0,
    };
  });
}

/** When judging began: what is watched before is how things stood. */
export function judgedFrom({ phases }: Run): number {
  return phases.find(({ judged }) => judged)?.startAt ?? 0;
}

export function blindMs({ blind }: WatchRun, from: number, to: number): { ms: number; detail: string } {
  const times = blind.filter((time) => Math.min(to, time.to ?? to) > Math.max(from, time.from));
  const ms = times.reduce((sum, time) => sum + Math.min(to, time.to ?? to) - Math.max(from, time.from), 0);
  return { ms, detail: times[0]?.detail ?? '' };
}

/** `v1, from 12.3 s on v2, from 20.1 s on v1`, for each subject. */
function statesText(watch: WatchRun): string[] {
  const subjects = [...new Set(watch.states.map(({ subject }) => subject))];
  const shown = subjects.slice(0, NAMED).map((subject) => {
    const states = watch.states.filter((state) => state.subject === subject);
    const text = states
      .slice(0, NAMED)
      .map(
        ({ at, value }, index) => `${index === 0 ? '' : `from ${atSeconds(at)} on `}${clip(value ?? 'not there', 80)}`,
      )
      .join(', ');
    const more = states.length > NAMED ? `, and ${formatCount(states.length - NAMED)} more changes` : '';
    return `${subjects.length === 1 ? '' : `${clip(subject, 80)}: `}${text}${more}`;
  });
  return subjects.length > NAMED ? [...shown, `${formatCount(subjects.length - NAMED)} more`] : shown;
}

const ACT: Record<PlatformAct['act'], string> = {
  'rollback-started': 'began to roll back',
  'rollback-completed': 'rolled back',
  'gave-up': 'gave up the release of',
};
const WHO = { true: ' by itself', false: ', as it was asked to', null: '' } as const;

/** `Docker Swarm began to roll back web by itself: update rolled back due to failure of task 3f1`. */
export function platformActText({ platform, subject, act, byItself, message }: PlatformAct): string {
  return `${PLATFORM_LABEL[platform]} ${ACT[act]} ${subject}${WHO[`${byItself}`]}${message === '' ? '' : `: ${message}`}`;
}

function processesText({ kind, processes }: WatchRun, from: number): string[] {
  if (kind !== 'processes') return [];
  if (processes.length === 0) return ['no process'];
  const before = processes.filter(({ startedAt, endedAt }) => startedAt <= from && (endedAt ?? from + 1) > from);
  const began = processes.filter(({ startedAt }) => startedAt > from);
  const ended = processes.filter(({ endedAt }) => endedAt !== null && endedAt > from);
  return [
    `${plural(before.length, 'process', 'processes')} in the baseline, then ${formatCount(began.length)} began and ${formatCount(ended.length)} ended`,
  ];
}

function linesText({ kind, lineCounts }: WatchRun): string[] {
  if (kind !== 'log' && kind !== 'journal') return [];
  const counts = countsByPattern(lineCounts.filter(({ phase }) => phase >= 0));
  if (counts.size === 0) return ['no line that matches'];
  return [[...counts].map(([pattern, count]) => `${formatCount(count)} ${clip(pattern, 60)}`).join(', ')];
}

export function countsByPattern(entries: WatchRun['lineCounts']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { pattern, count } of entries) counts.set(pattern, (counts.get(pattern) ?? 0) + count);
  return counts;
}

function locksText({ locks }: WatchRun): string[] {
  if (locks === null) return [];
  const count = locks.waits.length + locks.dropped;
  const longest = Math.max(0, ...locks.waits.map(({ since, endAt, seenAt }) => (endAt ?? seenAt) - since));
  return [count === 0 ? 'no wait for a lock' : `${plural(count, 'wait')} for locks, the longest ${formatMs(longest)}`];
}

function seriesText({ subject, unit, points }: WatchedSeries, from: number): string {
  const seen = points.filter(({ at }) => at >= from);
  const last = seen.at(-1);
  if (last === undefined) return `${clip(subject, 80)}: no value`;
  const [min, max] = [Math.min(...seen.map((point) => point.min)), Math.max(...seen.map((point) => point.max))];
  const range =
    min === max
      ? valueText(max, unit)
      : `${valueText(min, unit)} to ${valueText(max, unit)}, at last ${valueText(last.last, unit)}`;
  return `${clip(subject, 80)}: ${range}`;
}

export function valueText(value: number, unit: ValueUnit): string {
  if (unit === 'share') return formatShare(Math.round(value * 1000) / 1000);
  return unit === 'ms' ? formatMs(value) : formatValue(value);
}
