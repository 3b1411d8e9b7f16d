import {
  FAILING_APART_MS,
  PROBE_FAULTS,
  PROBE_FAULTS_KEPT,
  type ProbeEvent,
  type ProbeFaultEvent,
  type ProbeName,
  type ProbeRequestEvent,
  type ProbeRun,
  UNLISTED_KEPT,
} from '../../model/probe.js';
import type { Span } from '../../model/run.js';
import { increment } from './cells.js';
import { isIdleBySleep } from './idle-times.js';
import { obtain } from './keyed.js';
import type { PhaseLog } from './phases.js';

/** Times and versions of one probe listed at most: the first ones. */
const TIMES_KEPT = 10_000;
const VERSIONS_KEPT = 100;
/** Faults past the listed ones are told apart by so much, ms. */
const ALIKE_MS = 100;

export function isAboutProbes(e: { type: string }): e is ProbeEvent {
  return e.type.startsWith('probe-');
}

export interface ProbeLog {
  event(e: ProbeEvent): void;
  probes(): ProbeRun[];
}

/**
 * The probes of a run, in the scenario's order. What ended before the baseline is left out, but for the gauges (how
 * things stand) and that the probe works.
 */
export function createProbeLog(
  names: readonly ProbeName[],
  log: PhaseLog,
  asleepMs: (from: number, to: number) => number,
): ProbeLog {
  const states = new Map(names.map((name) => [name, emptyState(name)]));

  return {
    event(e) {
      const state = obtain(states, e.probe, () => emptyState(e.probe));
      const { run } = state;
      if (e.type === 'probe-ready') {
        run.detail = e.detail;
        run.readyAt ??= e.at;
        return;
      }
      if (e.type === 'probe-ended') run.ended = true;
      if (e.type === 'probe-counts') Object.assign(run.counts, e.gauges);
      const judgedFrom = log.judgedFrom();
      if (judgedFrom === null || e.at < judgedFrom) return;
      const phase = log.at(e.at);
      if (e.type === 'probe-counts') add(run.counts, e.counts);
      else if (e.type === 'probe-request') {
        const { idleMs = 0, sentAt } = e;
        const isBorne = e.ok && !isIdleBySleep(idleMs, asleepMs(sentAt - idleMs, sentAt));
        if (isBorne) run.borneIdleMs = Math.max(run.borneIdleMs, idleMs);
        request(state, e, phase, log);
      } else if (e.type === 'probe-fault') fault(state, e, phase);
      else if (e.type === 'probe-time' && run.times.length < TIMES_KEPT)
        run.times.push({ at: e.at, phase, name: e.name, ms: e.ms });
    },
    probes: () => [...states.values()].map(folded),
  };
}

interface ProbeState {
  run: ProbeRun;
  byPhase: Map<number, Record<string, number>>;
  straddled: Set<number>;
  /** Faults and failures on the list, by phase. */
  listed: { faults: Record<string, number>; failures: Record<string, number> };
  /** Faults past the listed ones, by what makes them alike. */
  alike: Map<string, ProbeRun['unlisted'][number]>;
}

function emptyState(probe: ProbeName): ProbeState {
  const run: ProbeRun = {
    probe,
    detail: '',
    readyAt: null,
    ended: false,
    requests: 0,
    failed: 0,
    counts: Object.fromEntries(PROBE_FAULTS[probe].map(({ count }) => [count, 0])),
    byPhase: [],
    faults: [],
    unlisted: [],
    borneIdleMs: 0,
    times: [],
    versions: [],
    straddled: [],
    failures: [],
    failing: [],
  };
  return { run, byPhase: new Map(), straddled: new Set(), listed: { faults: {}, failures: {} }, alike: new Map() };
}

function request({ run, straddled, listed }: ProbeState, e: ProbeRequestEvent, phase: number, log: PhaseLog): void {
  const { at, sentAt, name, detail, version } = e;
  run.requests++;
  if (version !== null && !run.versions.includes(version) && run.versions.length < VERSIONS_KEPT)
    run.versions.push(version);
  for (let index = phase; index >= 0; index--) {
    const { startAt, judged } = log.phases[index] as (typeof log.phases)[number];
    if (startAt <= sentAt) break;
    if (judged && startAt < at) straddled.add(index);
  }
  if (e.ok) return;
  run.failed++;
  addSpan(run.failing, sentAt, at);
  if (takeRoom(listed.failures, phase)) run.failures.push({ sentAt, at, phase, name, detail });
}

function fault(state: ProbeState, e: ProbeFaultEvent, phase: number): void {
  const { type, probe, instead, ...told } = e;
  const { run, byPhase, listed } = state;
  const { count } = told;
  const counts = obtain(byPhase, phase, (): Record<string, number> => ({}));
  if (instead !== undefined && (counts[instead] ?? 0) > 0) {
    add(counts, { [instead]: -1 });
    add(run.counts, { [instead]: -1 });
    const place = run.faults.findIndex((each) => each.count === instead && each.at === e.at && each.phase === phase);
    if (place !== -1) {
      run.faults.splice(place, 1);
      add(listed.faults, { [phase]: -1 });
    }
  }
  increment(run.counts, count);
  increment(counts, count);
  if (takeRoom(listed.faults, phase)) run.faults.push({ ...told, phase });
  else keepAlike(state, e, phase);
}

function keepAlike({ alike }: ProbeState, e: ProbeFaultEvent, phase: number): void {
  const { type, probe, instead, detail, ...told } = e;
  const { count, at, since, silent, idleMs = -1 } = told;
  const isRisk = PROBE_FAULTS[probe].some((each) => each.count === count && each.severity === 'risk');
  const times = isRisk ? [at - since] : [at, since, idleMs];
  const key = [phase, count, silent, ...times.map((ms) => Math.floor(ms / ALIKE_MS))].join(' ');
  const known = alike.get(key);
  if (known !== undefined) known.times++;
  else if (alike.size < UNLISTED_KEPT) alike.set(key, { ...told, phase, times: 1 });
}

/** A phase with many leaves room for the next. */
function takeRoom(listed: Record<string, number>, phase: number): boolean {
  const hasRoom = (listed[phase] ?? 0) < PROBE_FAULTS_KEPT;
  if (hasRoom) add(listed, { [phase]: 1 });
  return hasRoom;
}

/** Joins a span with those that are no further from it than `FAILING_APART_MS`. */
function addSpan(spans: Span[], from: number, to: number): void {
  let end = spans.length;
  while (end > 0 && (spans[end - 1] as Span).from - to > FAILING_APART_MS) end--;
  let begin = end;
  while (begin > 0 && from - (spans[begin - 1] as Span).to <= FAILING_APART_MS) begin--;
  const joined = spans.slice(begin, end);
  const first = Math.min(from, joined[0]?.from ?? from);
  spans.splice(begin, end - begin, { from: first, to: Math.max(to, joined.at(-1)?.to ?? to) });
}

function add(counts: Record<string, number>, more: Record<string, number>): void {
  for (const [key, count] of Object.entries(more)) counts[key] = (counts[key] ?? 0) + count;
}

function folded({ run, byPhase, straddled, alike }: ProbeState): ProbeRun {
  const phases = [...byPhase].sort(([a], [b]) => a - b);
  return {
    ...run,
    counts: { ...run.counts },
    byPhase: phases.map(([phase, counts]) => ({ phase, counts: { ...counts } })),
    faults: run.faults.slice(),
    unlisted: [...alike.values()].map((each) => ({ ...each })),
    times: run.times.slice(),
    versions: run.versions.slice(),
    straddled: [...straddled].sort((a, b) => a - b),
    failures: run.failures.slice(),
    failing: run.failing.map((span) => ({ ...span })),
  };
}
