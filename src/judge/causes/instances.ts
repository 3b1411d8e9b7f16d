import { BUCKET_MS, type FailedRequest } from '../../model/run.js';
import type { WatchedProcess, WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { isComplete, stagesOf } from '../watch.js';
import { type Incident, spanAround } from './incident.js';

/** A container, a task of a service or a pod, as its platform told of it. Times in ms of the run. */
export interface Instance {
  name: string;
  /** Its image without tag, where it is known: what replaces it has the same. */
  image: string | null;
  /** When it ran; null where it never did. */
  startedAt: number | null;
  /** When it counted as ready, and, where a service sends it requests, was one of those; null where it never did. */
  readyAt: number | null;
  /** When it was told to end, or began to be deleted; its own end where nobody did. */
  toldAt: number | null;
  /** It was sent requests when it was told to end, or just before; null where that is not seen. */
  inRotation: boolean | null;
  /** When it was taken out of the rotation last, told or not; null where it is in it, or never was. */
  leftAt: number | null;
  endedAt: number | null;
}

/**
 * What the instances of the app did just before an incident and while it lasted; null where none is watched, or not all
 * of that time was seen.
 */
export interface InstancesView {
  /** Another one than those that were stopped counted as ready all through it. */
  others: boolean | null;
  /**
   * A new one counted as ready before the harm began, beside an old one that nobody had told to end, and the new version
   * answered first a second or more after it counted as ready, in the harm. False: it answered at once, or none counted as
   * ready before the harm.
   */
  readyTooEarly: boolean | null;
  /**
   * Requests failed within moments of an instance being told to end that was still sent requests, while others went on.
   * Only Kubernetes says who is sent requests.
   */
  stoppedInRotation: boolean | null;
}

/** So long after it counts as ready a new instance answers at the latest, if it is. */
const ANSWERS_MS = 1000;
const INTO_HARM_MS = 300;
/** The state of a container is known by events and looks, up to this late. */
const SEEN_MS = 1000;
/** Clients meet a stop up to this long after it, while balancers learn of it; and it may be told late. */
const AFTER_STOP_MS = 1200;
const BEFORE_STOP_MS = 300;
const MOSTLY = 0.7;

export function instancesOf(m: Measure, incident: Incident): InstancesView {
  const all = appInstances(m);
  if (all.length === 0 || !areInstancesSeen(m, spanAround(m, incident)))
    return { others: null, readyTooEarly: null, stoppedInRotation: null };
  const others = all.some(
    (each) => isReadyAt(each, incident.from) && (each.toldAt === null || each.toldAt > incident.to),
  );
  return { others, readyTooEarly: readyTooEarly(m, incident, all), stoppedInRotation: stopped(incident, all) };
}

/** Containers and pods with an image of which one began or ended from the first step on: what is released, not a database. */
export function appInstances(m: Measure): Instance[] {
  const from = stagesOf(m)[0]?.from ?? Number.POSITIVE_INFINITY;
  const all = platformsOf(m).flatMap(instancesIn);
  const replaced = all.filter(({ startedAt, toldAt }) => (startedAt ?? -1) >= from || (toldAt ?? -1) >= from);
  const images = new Set(replaced.flatMap(({ image }) => (PROXY.test(image ?? '') ? [] : [image])));
  return all.filter(({ image }) => images.has(image));
}

/** All that containers and pods did in a time is known. */
export function areInstancesSeen(m: Measure, { from, to }: { from: number; to: number }): boolean {
  return platformsOf(m).every((watch) => watch.states.length === 0 || isComplete(watch, from, to));
}

function platformsOf({ run }: Measure): WatchRun[] {
  return run.watchers.filter(({ kind }) => kind === 'docker' || kind === 'kubernetes');
}

const PROXY = /(?:^|\/)(?:nginx|haproxy|envoy|caddy|traefik)$/;

/** Instances as the processes that they are, for what is said of processes. */
export function asProcesses(instances: readonly Instance[]): WatchedProcess[] {
  return instances.flatMap(({ name, startedAt, endedAt }) =>
    startedAt === null
      ? []
      : [{ pid: 0, parent: null, startedAt, endedAt, aliveAt: endedAt, command: name, main: true }],
  );
}

/** Their times of service: from when they counted as ready to when they were told to end. */
export function asServing(instances: readonly Instance[]): WatchedProcess[] {
  return asProcesses(instances.map((each) => ({ ...each, startedAt: each.readyAt, endedAt: each.toldAt })));
}

function readyTooEarly(m: Measure, { from }: Incident, all: readonly Instance[]): boolean | null {
  const stage = stagesOf(m).findLast((each) => each.from <= from);
  if (stage === undefined) return null;
  const joined = all.flatMap(({ readyAt }) => (readyAt !== null && readyAt >= stage.from ? readyAt : []));
  const first = Math.min(...joined);
  if (joined.length === 0) return null;
  if (first > from + SEEN_MS) return false;
  const answeredAt = firstAnswer(m, stage.from);
  if (answeredAt === null) return null;
  if (answeredAt < first + ANSWERS_MS / 2) return false;
  const hadOld = all.some(
    (each) => each.readyAt !== null && each.readyAt < stage.from && (each.toldAt === null || each.toldAt > from),
  );
  const isLate = answeredAt >= first + ANSWERS_MS && answeredAt >= from + INTO_HARM_MS;
  return first <= from && hadOld && isLate ? true : null;
}

/** When a version answered first that had not just before a stage began; null where none did, or none is told. */
function firstAnswer({ run }: Measure, from: number): number | null {
  const versionsOf = ({ byVersion }: (typeof run.buckets)[number]) =>
    Object.entries(byVersion).flatMap(([version, count]) => (version !== '' && count > 0 ? version : []));
  const before = new Set(
    run.buckets.filter(({ at }) => at + BUCKET_MS <= from && at >= from - 2000).flatMap(versionsOf),
  );
  if (before.size === 0) return null;
  return (
    run.buckets.find((bucket) => bucket.at >= from && versionsOf(bucket).some((version) => !before.has(version)))?.at ??
    null
  );
}

function stopped({ failures, from, to }: Incident, all: readonly Instance[]): boolean | null {
  if (failures.length === 0 || all.every(({ inRotation }) => inRotation === null)) return null;
  const stops = all.flatMap((each) => {
    const { toldAt, inRotation } = each;
    if (toldAt === null || inRotation !== true) return [];
    if (toldAt < from - AFTER_STOP_MS || toldAt > to + BEFORE_STOP_MS) return [];
    const goesOn = all.some(
      (other) =>
        other !== each && isReadyAt(other, toldAt) && (other.toldAt === null || other.toldAt > toldAt + SEEN_MS),
    );
    return goesOn ? toldAt : [];
  });
  const isNear = ({ endedAt }: FailedRequest) =>
    stops.some((at) => endedAt >= at - BEFORE_STOP_MS && endedAt <= at + AFTER_STOP_MS);
  return failures.filter(isNear).length >= MOSTLY * failures.length;
}

function isReadyAt({ readyAt, toldAt }: Instance, at: number): boolean {
  return readyAt !== null && readyAt <= at && (toldAt === null || toldAt > at);
}

/** `shop_blue_1 9918769751bb (local/shop:v1)`, `shop.2 ntzx4ed1ms4a (local/shop:v1, version 1)`. */
const CONTAINER = /^\S+ \S+ \((.*)\)$/;
const POD = /^pod /;

function instancesIn(watch: WatchRun): Instance[] {
  const isPods = watch.kind === 'kubernetes';
  const all: Instance[] = [];
  const places = new Map<string, number>();
  const isRouted = watch.states.some(({ subject, value }) => POD.test(subject) && ROUTED.test(value ?? ''));
  for (const { at, subject, value } of watch.states) {
    const image = CONTAINER.exec(subject)?.[1];
    if (isPods ? !POD.test(subject) : image === undefined) continue;
    let place = places.get(subject);
    const isUp = /^(?:running|starting)/.test(value ?? '');
    // A container that is started again is another one under the same name.
    if (place === undefined || (!isPods && isUp && all[place]?.endedAt != null)) {
      place = all.length;
      places.set(subject, place);
    }
    const known = all[place] ?? { ...NEW, name: subject, image: image === undefined ? null : untagged(image) };
    all[place] = isPods ? podAfter(known, at, value ?? 'gone', isRouted) : containerAfter(known, at, value ?? 'gone');
  }
  return all;
}

const NEW = { startedAt: null, readyAt: null, toldAt: null, inRotation: null, leftAt: null, endedAt: null };

function untagged(image: string): string {
  return image.replace(/,.*$/, '').replace(/:[^/]*$/, '');
}

const ROUTED = /, in rotation \(/;

function podAfter(known: Instance, at: number, state: string, isRouted: boolean): Instance {
  const isDeleted = /^(?:being deleted|gone|Succeeded|Failed)/.test(state);
  const isReady = /^ready/.test(state) && (!isRouted || ROUTED.test(state));
  const isIn = isRouted ? ROUTED.test(state) : isReady;
  // Its end is asked for after its `preStop`; it is not ready any more once it has ended.
  const isOver = isDeleted && !/^being deleted, ready/.test(state);
  const isTold = known.toldAt === null && isDeleted;
  const wasRouted = known.readyAt !== null && (known.leftAt === null || known.leftAt >= at - SEEN_MS);
  return {
    ...known,
    startedAt: known.startedAt ?? (/^(?:not )?ready/.test(state) ? at : null),
    readyAt: known.readyAt ?? (isReady ? at : null),
    toldAt: known.toldAt ?? (isDeleted ? at : null),
    inRotation: isTold && isRouted ? wasRouted : known.inRotation,
    leftAt: isIn || known.readyAt === null ? null : (known.leftAt ?? at),
    endedAt: known.endedAt ?? (isOver ? at : null),
  };
}

function containerAfter(known: Instance, at: number, state: string): Instance {
  const isUp = /^(?:running|starting)/.test(state);
  const isOver = known.startedAt !== null && !isUp;
  const isTold = isOver || /^running.*, sent SIG(?:TERM|INT|QUIT|KILL|WINCH)/.test(state);
  return {
    ...known,
    startedAt: known.startedAt ?? (isUp ? at : null),
    // Healthy, or running where no check asks.
    readyAt: known.readyAt ?? (/^running(?: \(healthy\))?(?:,|$)/.test(state) ? at : null),
    toldAt: known.toldAt ?? (isTold ? at : null),
    endedAt: known.endedAt ?? (isOver ? at : null),
  };
}
