import type { WatchedProcess, WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { isComplete, livesAt, releaseSpan, watchersOf, workersOf } from '../watch.js';
import { BEGAN_BEFORE_MS, DRAIN_MS, type Incident, spanAround } from './incident.js';
import { appInstances, areInstancesSeen, asProcesses, asServing } from './instances.js';

/**
 * What watched processes did just before an incident and while it lasted; null where none of the kind is watched, or not
 * all of that time was seen. Where containers or pods of the app are watched and no processes of it, those stand for them.
 */
export interface ProcessesView {
  /** Processes of the app that ended from 1.5 s before the first harm to half a second after it. */
  appEnded: WatchedProcess[] | null;
  /** Processes of the app that began from 15 s before the first harm, of the release, to its end. */
  appBegan: WatchedProcess[] | null;
  /** Some process of the app ended in the 15 s before the first harm, or half a second after it. */
  appReplaced: boolean | null;
  /** One of those had begun before the first harm. */
  appFresh: boolean | null;
  /** Some process of the app lived all through it, or until the release was being undone. */
  appThroughout: boolean | null;
  /** All that lived when it began ended before the first of their successors began. */
  appGone: boolean | null;
  /** All that lived in the second before it lived on until 3 s after its end: none was draining. */
  appUntouched: boolean | null;
  /** Processes of a proxy that began or ended within 2 s before the first harm. */
  proxyReplaced: boolean | null;
  /** Command lines of all watched processes of the app. */
  appCommands: string[];
}

const PROXY = /^(?:\S*\/)?(?:nginx|haproxy|envoy|caddy)\b/;
const ENDED_BEFORE_MS = 1500;
const ENDED_AFTER_MS = 500;
const REPLACED_BEFORE_MS = 2000;
/** A process that began less than this before the harm may be what replaced the old one. */
const OLD_MS = 50;
/** The end of a process is known to 50 ms. */
const SEEN_MS = 60;

export function processesOf(m: Measure, incident: Incident): ProcessesView {
  const { from, to, phase } = incident;
  const undoneAt = m.run.phases.find((each, index) => index > phase && each.role === 'emergency')?.startAt ?? to;
  const until = Math.min(to, undoneAt);
  const since = Math.max(from - BEGAN_BEFORE_MS, releaseSpan(m).from);
  const watchers = watchersOf(m.run, 'processes').filter(({ processes }) => processes.length > 0);
  const apps = watchers.filter((watch) => !isProxy(watch));
  const proxies = watchers.filter(isProxy);
  const instances = apps.length > 0 ? [] : appInstances(m);
  const ofApps = [...apps.flatMap((watch) => workersOf(watch, m)), ...asProcesses(instances)];
  const span = spanAround(m, incident);
  const isAppSeen = apps.length > 0 ? areSeen(apps, span) : instances.length > 0 && areInstancesSeen(m, span);
  const ofApp = <T>(value: T): T | null => (isAppSeen ? value : null);
  const endedIn = (all: readonly WatchedProcess[], since: number, until: number) =>
    all.filter(({ endedAt }) => endedAt !== null && endedAt >= since && endedAt <= until);
  return {
    appEnded: ofApp(endedIn(ofApps, from - ENDED_BEFORE_MS, from + ENDED_AFTER_MS)),
    appBegan: ofApp(ofApps.filter(({ startedAt }) => startedAt >= since && startedAt <= to)),
    appReplaced: ofApp(endedIn(ofApps, since, from + ENDED_AFTER_MS).length > 0),
    appFresh: ofApp(ofApps.some(({ startedAt }) => startedAt >= since && startedAt < from)),
    appThroughout: ofApp(
      ofApps.some(({ startedAt, endedAt }) => startedAt <= from - OLD_MS && (endedAt === null || endedAt >= until)),
    ),
    // Who is told to end may stop listening before its end, and before the first harm.
    appGone: ofApp(
      instances.length > 0 ? isGap(asServing(instances), from - ENDED_BEFORE_MS, to) : isGap(ofApps, from, to),
    ),
    appUntouched: ofApp(
      ofApps.filter((process) => livesAt(process, from - 1000)).every((process) => livesAt(process, to + DRAIN_MS)),
    ),
    proxyReplaced: areSeen(proxies, span)
      ? proxies.some(({ processes }) =>
          processes.some(
            ({ startedAt, endedAt }) =>
              (startedAt >= from - REPLACED_BEFORE_MS && startedAt <= from + ENDED_AFTER_MS) ||
              (endedAt !== null && endedAt >= from - REPLACED_BEFORE_MS && endedAt <= from + ENDED_AFTER_MS),
          ),
        )
      : null,
    appCommands: apps.flatMap(({ processes }) => processes.map(({ command }) => command)),
  };
}

/** Between the end of the last old process and the start of the first new one nobody lived. */
function isGap(all: readonly WatchedProcess[], from: number, to: number): boolean {
  const old = all.filter((process) => livesAt(process, from - OLD_MS));
  const ends = old.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY);
  const lastEnd = Math.max(Number.NEGATIVE_INFINITY, ...ends);
  const next = all.filter(({ startedAt }) => startedAt > from - OLD_MS).map(({ startedAt }) => startedAt);
  return (
    old.length > 0 && lastEnd <= to + ENDED_AFTER_MS && Math.min(Number.POSITIVE_INFINITY, ...next) >= lastEnd - SEEN_MS
  );
}

/**
 * All that the processes did in a time is known. One of several watchers of this machine may begin to see in it: the
 * pidfile that it waited for is that of a new instance.
 */
function areSeen(watched: readonly WatchRun[], { from, to }: { from: number; to: number }): boolean {
  const isNew = (watch: WatchRun) =>
    watch.on === null && watch.blind[0]?.from === 0 && isComplete(watch, watch.blind[0].to ?? to, to);
  return (
    watched.some((watch) => isComplete(watch, from, to)) &&
    watched.every((watch) => isComplete(watch, from, to) || isNew(watch))
  );
}

function isProxy({ processes }: WatchRun): boolean {
  return processes.filter(({ command }) => PROXY.test(command)).length > processes.length / 2;
}
