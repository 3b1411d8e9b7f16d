import type { MeasuredTime, MeasuredTimes } from '../model/advice.js';
import { BUCKET_MS, type Phase } from '../model/run.js';
import { formatCount, formatMs } from '../model/units.js';
import { appInstances } from './causes/instances.js';
import { systemsOf } from './causes/systems.js';
import { isOwnTimeout, ownIdleAges } from './idle-ages.js';
import type { Measure } from './measure.js';
import { probeRun } from './probe-faults.js';
import { beganIn, isComplete, lastMoving, START_MS, type Stage, stagesOf, watchersOf, workersOf } from './watch.js';

/** What the probe says of the long request it repeats; its own words, in `probes/inflight.ts`. */
const IN_FLIGHT = /each takes (\d+) ms/;
/** A step that takes longer does not switch at once: it boots something first, or replaces one instance after the other. */
const SHORT_STEP_MS = 2000;

/** Times of the release that settings follow from: each is measured, or null. */
export function measuredTimes(m: Measure): MeasuredTimes {
  const release = stagesOf(m).find(({ role }) => role === 'release');
  const moving = release === undefined ? undefined : m.run.phases[lastMoving(m.run, release)];
  const seen = release === undefined || moving === undefined ? null : { release, moving };
  return {
    boot: seen === null ? null : bootOf(m, seen),
    longestRequest: longestRequest(m),
    oldAnswers: seen === null ? null : oldAnswers(m, seen),
    oldProcesses: seen === null ? null : oldProcesses(m, seen),
    ...idleAges(m),
    migrationStall: migrationStall(m),
  };
}

/** The release, and the last of its steps that moves traffic. */
interface Seen {
  release: Stage;
  moving: Phase;
}

function bootOf(m: Measure, { release, moving }: Seen): MeasuredTime | null {
  const began = watchersOf(m.run, 'processes')
    .filter((watch) => isComplete(watch, release.from, release.to))
    .flatMap((watch) => beganIn(workersOf(watch, m), release.from, release.to))
    .toSorted((a, b) => a.startedAt - b.startedAt)[0];
  const answer = firstNewAnswer(m, release);
  if (began !== undefined && answer !== null && answer.at >= began.startedAt)
    return {
      ms: answer.at - began.startedAt,
      from: `process ${began.pid} began at ${formatMs(began.startedAt)}, ${answer.version} first answered at ${formatMs(answer.at)}`,
    };
  const { readyAt, readyMs, name } = moving;
  if (began !== undefined && readyAt !== null && readyAt >= began.startedAt)
    return {
      ms: readyAt - began.startedAt,
      from: `process ${began.pid} began at ${formatMs(began.startedAt)}, ${name} was ready at ${formatMs(readyAt)}`,
    };
  return readyMs === null
    ? null
    : {
        ms: readyMs,
        from: `at most: ${name} was ready ${formatMs(readyMs)} after its command began, and the boot is a part of that`,
      };
}

/** The first success of a version that the baseline had not, in the release. */
function firstNewAnswer(m: Measure, { from, to }: Stage): { version: string; at: number } | null {
  const old = oldVersions(m);
  const spans = m.run.versions.filter(
    ({ version, firstAt }) => !old.includes(version) && firstAt >= from && firstAt < to,
  );
  const first = spans.toSorted((a, b) => a.firstAt - b.firstAt)[0];
  return first === undefined ? null : { version: first.version, at: first.firstAt };
}

function oldVersions(m: Measure): string[] {
  return [...new Set(m.cells(m.baseline).flatMap(({ version, ok }) => (version !== null && ok > 0 ? [version] : [])))];
}

/** Where nothing was released: what a step slows down says nothing of how long a request takes by nature. */
function longestRequest(m: Measure): MeasuredTime | null {
  const latencies = m.latencies('sinceSent', m.baseline);
  const ofMix = latencies.totalCount === 0 ? null : latencies.maxValue / 1000;
  const detail = probeRun(m.run, 'inflight')?.detail ?? '';
  const said = IN_FLIGHT.exec(detail)?.[1];
  const ofProbe = said === undefined ? null : Number(said);
  if (ofProbe !== null && ofProbe >= (ofMix ?? 0)) return { ms: ofProbe, from: `the probe inflight: ${detail}` };
  if (ofMix === null) return null;
  return { ms: ofMix, from: `the longest of ${formatCount(latencies.totalCount)} requests of the baseline` };
}

/** A command of Kubernetes is over before its rollout, and that lasts as long as its pods boot: pods alone tell. */
function oldAnswers(m: Measure, { release, moving }: Seen): MeasuredTime | null {
  const answeredAt = lastOldAnswer(m, release);
  if (systemsOf(m.run).has('kubernetes')) return afterDeletion(m, release, answeredAt);
  const { startAt, name, commandMs, readyMs } = moving;
  if (commandMs === null || Math.max(commandMs, readyMs ?? 0) > SHORT_STEP_MS) return null;
  if (answeredAt === null || answeredAt <= startAt) return null;
  const ms = answeredAt - startAt;
  return { ms, from: `the old release last answered ${formatMs(ms)} after ${name} began (to ${BUCKET_MS} ms)` };
}

/** By 100 ms. Null where the old release went on to the end: how long it would have is not known. */
function lastOldAnswer(m: Measure, release: Stage): number | null {
  if (firstNewAnswer(m, release) === null) return null;
  const old = oldVersions(m);
  const last = m.run.buckets.findLast(
    ({ at, byVersion }) => at < release.to && old.some((version) => (byVersion[version] ?? 0) > 0),
  );
  return last === undefined || last.at + BUCKET_MS >= release.to ? null : last.at + BUCKET_MS;
}

/** From the deletion of a pod to its leaving the rotation; of the last pod to the last answer, where that is longer. */
function afterDeletion(m: Measure, { from, to }: Stage, answeredAt: number | null): MeasuredTime | null {
  if (!watchersOf(m.run, 'kubernetes').every((watch) => isComplete(watch, from, to))) return null;
  const told = appInstances(m).flatMap(({ toldAt, inRotation, leftAt }) =>
    inRotation === true && toldAt !== null && toldAt >= from && toldAt < to ? { toldAt, leftAt } : [],
  );
  const left = told.flatMap(({ toldAt, leftAt }) => (leftAt === null ? [] : leftAt - toldAt));
  if (told.length === 0 || left.length < told.length) return null;
  const [ms, answeredMs] = [Math.max(...left, 0), (answeredAt ?? 0) - Math.max(...told.map(({ toldAt }) => toldAt))];
  if (answeredMs > ms)
    return {
      ms: answeredMs,
      from: `the old release last answered ${formatMs(answeredMs)} after the deletion of its last pod began (to ${BUCKET_MS} ms)`,
    };
  return {
    ms,
    from: `${formatCount(told.length)} pods left the rotation up to ${formatMs(ms)} after their deletion began`,
  };
}

/** Null where one lived on after the release: how long it would have is not known. */
function oldProcesses(m: Measure, { release, moving }: Seen): MeasuredTime | null {
  const watches = watchersOf(m.run, 'processes').filter((watch) => isComplete(watch, release.from, release.to));
  const old = watches
    .filter((watch) => beganIn(workersOf(watch, m), release.from, release.to).length > 0)
    .flatMap((watch) => workersOf(watch, m).filter(({ startedAt }) => startedAt < release.from - START_MS));
  if (old.some(({ endedAt }) => endedAt === null || endedAt > release.to)) return null;
  const ends = old.flatMap(({ endedAt }) => (endedAt !== null && endedAt >= moving.startAt ? endedAt : []));
  if (ends.length === 0) return null;
  const ms = Math.max(...ends) - moving.startAt;
  return {
    ms,
    from: `the last of ${formatCount(ends.length)} old processes ended ${formatMs(ms)} after ${moving.name} began`,
  };
}

function idleAges(m: Measure): Pick<MeasuredTimes, 'idleAtReset' | 'ownIdleTimeout'> {
  const probe = probeRun(m.run, 'idle');
  if (probe === undefined) return { idleAtReset: null, ownIdleTimeout: null };
  const own = ownIdleAges(m.run, probe).toSorted((a, b) => a - b);
  const closed = probe.faults
    .filter(({ count, phase }) => count === 'closedUnannounced' && m.whole.phases.includes(phase))
    .map(({ at, since }) => at - since)
    .filter((idleMs) => !isOwnTimeout(own, idleMs));
  return {
    idleAtReset:
      closed.length === 0
        ? null
        : {
            ms: Math.max(...closed),
            from: `the release closed ${formatCount(closed.length)} connections that were idle for ${formatMs(Math.min(...closed))} to ${formatMs(Math.max(...closed))}`,
          },
    ownIdleTimeout:
      own[0] === undefined
        ? null
        : {
            ms: own[0],
            from: `in the baseline ${formatCount(own.length)} idle connections were closed, the first at ${formatMs(own[0])}`,
          },
  };
}

function migrationStall(m: Measure): MeasuredTime | null {
  const stalls = m.stalls(m.whole).filter(({ phase }) => m.run.phases[phase]?.kind === 'migrate');
  const longest = stalls.toSorted((a, b) => b.durationMs - b.harnessMs - (a.durationMs - a.harnessMs))[0];
  if (longest === undefined) return null;
  const ms = longest.durationMs - longest.harnessMs;
  return {
    ms,
    from: `${longest.streams.join(', ')} waited for ${formatMs(ms)} in ${m.run.phases[longest.phase]?.name ?? ''}`,
  };
}
