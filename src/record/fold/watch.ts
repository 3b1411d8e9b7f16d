import type { ObservationEvent, WatchedProcess, WatchedSeries, WatchHeader, WatchRun } from '../../model/watch.js';
import { obtain } from './keyed.js';
import type { PhaseLog } from './phases.js';
import { createIdsLog } from './watch-ids.js';
import { createLockLog } from './watch-locks.js';
import { addPoint } from './watch-series.js';

/** Entries of one watcher that are listed at most: the first ones. */
const KEPT = {
  states: 2000,
  processes: 5000,
  incidents: 500,
  platformActs: 200,
  blind: 200,
  series: 64,
  patterns: 200,
  unseen: 20,
};
/** Lines of one pattern that are kept in each phase. */
const LINES_KEPT = 50;

export interface WatchLog {
  event(e: ObservationEvent): void;
  watchers(): WatchRun[];
}

/** What the watchers of a run saw, in the scenario's order. */
export function createWatchLog(headers: readonly WatchHeader[], log: PhaseLog): WatchLog {
  const folds = headers.map((header) => createWatchFold(header, log));
  return {
    event: (e) => folds[e.watch]?.event(e),
    watchers: () => folds.map((fold) => fold.run()),
  };
}

function createWatchFold(header: WatchHeader, log: PhaseLog) {
  const run: WatchRun = {
    ...header,
    states: [],
    processes: [],
    lines: [],
    lineCounts: [],
    values: [],
    incidents: [],
    platformActs: [],
    locks: null,
    unseen: [],
    ids: null,
    blind: [{ from: 0, to: null, detail: 'it never began to see' }],
    dropped: 0,
  };
  const alive = new Map<number, WatchedProcess>();
  const series = new Map<string, WatchedSeries>();
  const lines = new Map<string, number>();
  const counts = new Map<string, WatchRun['lineCounts'][number]>();
  const ids = createIdsLog();
  const locks = createLockLog();

  const keep = <T>(list: T[], most: number, item: T): void => {
    if (list.length < most) list.push(item);
    else run.dropped++;
  };

  const began = (e: Extract<ObservationEvent, { what: 'process-began' }>): void => {
    const { pid, parent, startedAt, command, main } = e;
    const known = alive.get(pid);
    // Said again of one that lives: it has found its name, or the pidfile names it now.
    if (known?.startedAt === startedAt) {
      known.command = command;
      known.main = main;
      return;
    }
    const process = { pid, parent, startedAt, endedAt: null, aliveAt: null, command, main };
    alive.set(pid, process);
    keep(run.processes, KEPT.processes, process);
  };

  const ended = ({ pid, at, aliveAt }: Extract<ObservationEvent, { what: 'process-ended' }>): void => {
    const known = alive.get(pid);
    if (known === undefined) return;
    known.endedAt = at;
    known.aliveAt = aliveAt;
    alive.delete(pid);
  };

  const line = ({ at, pattern, text, requestId }: Extract<ObservationEvent, { what: 'line' }>): void => {
    const key = `${log.at(at)} ${pattern}`;
    const kept = lines.get(key) ?? 0;
    if (kept >= LINES_KEPT || lines.size > KEPT.patterns) return;
    lines.set(key, kept + 1);
    run.lines.push({ at, pattern, text, requestId });
  };

  const count = ({ at, pattern, count: more }: Extract<ObservationEvent, { what: 'lines' }>): void => {
    const phase = log.at(at);
    const key = `${phase} ${pattern}`;
    if (!counts.has(key) && counts.size >= KEPT.patterns * 10) run.dropped++;
    else obtain(counts, key, () => ({ pattern, phase, count: 0 })).count += more;
  };

  const value = ({ at, subject, value: given, unit }: Extract<ObservationEvent, { what: 'value' }>): void => {
    if (!Number.isFinite(given)) return;
    if (!series.has(subject) && series.size >= KEPT.series) run.dropped++;
    else
      addPoint(
        obtain(series, subject, () => ({ subject, unit, points: [] })),
        at,
        given,
      );
  };

  const blind = (at: number, detail: string): void => {
    if (run.blind.at(-1)?.to !== null) keep(run.blind, KEPT.blind, { from: at, to: null, detail });
    // What it was waiting for at first says more than that it was waiting.
    else if (run.blind.length === 1 && run.blind[0]?.from === 0) run.blind[0].detail = detail;
  };

  return {
    event(e: ObservationEvent): void {
      if (e.what === 'state') keep(run.states, KEPT.states, { at: e.at, subject: e.subject, value: e.value });
      else if (e.what === 'process-began') began(e);
      else if (e.what === 'process-ended') ended(e);
      else if (e.what === 'line') line(e);
      else if (e.what === 'lines') count(e);
      else if (e.what === 'ids') ids.event(e);
      else if (e.what === 'value') value(e);
      else if (e.what === 'incident')
        keep(run.incidents, KEPT.incidents, { at: e.at, subject: e.subject, detail: e.detail });
      else if (e.what === 'platform') keep(run.platformActs, KEPT.platformActs, platformActOf(e));
      else if (e.what === 'lock-wait' || e.what === 'lock-wait-ended' || e.what === 'lock-looks') locks.event(e);
      else if (e.what === 'unseen') {
        if (!run.unseen.includes(e.detail)) keep(run.unseen, KEPT.unseen, e.detail);
      } else if (e.what === 'blind') blind(e.at, e.detail);
      else if (run.blind.at(-1)?.to === null) (run.blind.at(-1) as WatchRun['blind'][number]).to = e.at;
    },
    run: (): WatchRun => ({
      ...run,
      states: run.states.slice(),
      processes: run.processes.map((process) => ({ ...process })),
      lines: run.lines.slice(),
      lineCounts: [...counts.values()].map((entry) => ({ ...entry })),
      values: [...series.values()].map(({ subject, unit, points }) => ({ subject, unit, points: points.slice() })),
      incidents: run.incidents.slice(),
      platformActs: run.platformActs.slice(),
      locks: locks.locks(),
      unseen: run.unseen.slice(),
      ids: ids.ids(),
      blind: run.blind.map((entry) => ({ ...entry })),
    }),
  };
}

function platformActOf(e: Extract<ObservationEvent, { what: 'platform' }>): WatchRun['platformActs'][number] {
  const { at, platform, subject, act, byItself, from, to, message } = e;
  return { at, platform, subject, act, byItself, from, to, message };
}
