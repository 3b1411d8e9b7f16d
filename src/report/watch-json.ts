import type { Run } from '../model/run.js';
import type { WatchRun } from '../model/watch.js';
import { round } from './summary.js';

/** Entries of each list that are in `run.json`; the journal has the rest. */
const LISTED = 200;
const LINES_LISTED = 100;

/** `watch` of `run.json`: in the order of the scenario. Lists that are empty for the kind are left out. */
export function watchJson(run: Run): object[] {
  const nameOf = (phase: number) => run.phases[phase]?.name ?? '';
  return run.watchers.map((watch) => ({
    kind: watch.kind,
    name: watch.name,
    of: watch.of,
    on: watch.on,
    ...listed(watch, nameOf),
    blind: watch.blind.slice(0, LISTED).map(({ from, to, detail }) => ({
      fromMs: round(from),
      toMs: to === null ? null : round(to),
      detail,
    })),
    dropped: watch.dropped,
  }));
}

function listed(watch: WatchRun, nameOf: (phase: number) => string): object {
  const isLog = watch.kind === 'log' || watch.kind === 'journal';
  return {
    ...some('states', watch.states, ({ at, subject, value }) => ({ atMs: round(at), subject, value })),
    ...some('processes', watch.processes, ({ pid, parent, startedAt, endedAt, command, main }) => ({
      pid,
      parent,
      main,
      startedMs: round(startedAt),
      endedMs: endedAt === null ? null : round(endedAt),
      command,
    })),
    ...(isLog
      ? {
          counts: watch.lineCounts.map(({ pattern, phase, count }) => ({ pattern, phase: nameOf(phase), count })),
          lines: watch.lines.slice(0, LINES_LISTED).map(({ at, pattern, text, requestId }) => ({
            atMs: round(at),
            pattern,
            text,
            requestId,
          })),
        }
      : {}),
    ...some('values', watch.values, ({ subject, unit, points }) => ({
      subject,
      unit,
      min: points.reduce((least, { min }) => Math.min(least, min), Number.POSITIVE_INFINITY),
      max: points.reduce((most, { max }) => Math.max(most, max), Number.NEGATIVE_INFINITY),
      last: points.at(-1)?.last ?? null,
    })),
    ...(watch.locks === null ? {} : { waits: watch.locks.waits.length + watch.locks.dropped }),
    ...some('unseen', watch.unseen, (what) => what),
    ...some('incidents', watch.incidents, ({ at, subject, detail }) => ({ atMs: round(at), subject, detail })),
    ...some('platform', watch.platformActs, ({ at, ...act }) => ({ atMs: round(at), ...act })),
  };
}

function some<T>(key: string, items: readonly T[], shown: (item: T) => unknown): object {
  return items.length === 0 ? {} : { [key]: items.slice(0, LISTED).map(shown) };
}
