import type { WatchedProcess, WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { gapsBetween, livesAt, watchersOf, workersOf } from '../watch.js';
import type { Incident } from './incident.js';

/** What watched processes did just before an incident and while it lasted; null where none of the kind is watched. */
export interface ProcessesView {
  /** Processes of the app that ended from 1.5 s before the first harm to half a second after it. */
  appEnded: WatchedProcess[] | null;
  /** Processes of the app that began from 15 s before the first harm to its end. */
  appBegan: WatchedProcess[] | null;
  /** No process of the app lived for a time at its begin. */
  appGone: boolean | null;
  /** All that lived in the second before it lived on until its end. */
  appUntouched: boolean | null;
  /** Processes of a proxy that began or ended within 2 s before the first harm. */
  proxyReplaced: boolean | null;
  /** Command lines of all watched processes of the app. */
  appCommands: string[];
}

const PROXY = /\b(?:nginx|haproxy)\b/;
const ENDED_BEFORE_MS = 1500;
const ENDED_AFTER_MS = 500;
const BEGAN_BEFORE_MS = 15_000;
const REPLACED_BEFORE_MS = 2000;

export function processesOf(m: Measure, { from, to }: Incident): ProcessesView {
  const watchers = watchersOf(m.run, 'processes').filter(({ processes }) => processes.length > 0);
  const apps = watchers.filter((watch) => !isProxy(watch));
  const proxies = watchers.filter(isProxy);
  const ofApps = apps.flatMap((watch) => workersOf(watch, m));
  const known = <T>(watched: readonly WatchRun[], value: T): T | null => (watched.length === 0 ? null : value);
  const endedIn = (all: readonly WatchedProcess[], since: number, until: number) =>
    all.filter(({ endedAt }) => endedAt !== null && endedAt >= since && endedAt <= until);
  return {
    appEnded: known(apps, endedIn(ofApps, from - ENDED_BEFORE_MS, from + ENDED_AFTER_MS)),
    appBegan: known(
      apps,
      ofApps.filter(({ startedAt }) => startedAt >= from - BEGAN_BEFORE_MS && startedAt <= to),
    ),
    appGone: known(
      apps,
      apps.some((watch) => gapsBetween(workersOf(watch, m), from - ENDED_BEFORE_MS, Math.max(to, from + 1)).length > 0),
    ),
    appUntouched: known(
      apps,
      ofApps.filter((process) => livesAt(process, from - 1000)).every((process) => livesAt(process, to)),
    ),
    proxyReplaced: known(
      proxies,
      proxies.some(({ processes }) =>
        processes.some(
          ({ startedAt, endedAt }) =>
            (startedAt >= from - REPLACED_BEFORE_MS && startedAt <= from + ENDED_AFTER_MS) ||
            (endedAt !== null && endedAt >= from - REPLACED_BEFORE_MS && endedAt <= from + ENDED_AFTER_MS),
        ),
      ),
    ),
    appCommands: apps.flatMap(({ processes }) => processes.map(({ command }) => command)),
  };
}

function isProxy({ processes }: WatchRun): boolean {
  return processes.filter(({ command }) => PROXY.test(command)).length > processes.length / 2;
}
