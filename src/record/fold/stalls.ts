import type { Run, Stall } from '../../model/run.js';
import { flowStallLimitMs, stallLimitMs, stallOfInterestMs, type Threshold } from '../../model/threshold.js';
import type { Attributed } from './attribution.js';
import { obtain } from './keyed.js';
import type { PhaseLog } from './phases.js';
import { toMicros } from './resolution.js';

/** Gaps between successes of one flow that wait for the arrivals due inside them, at most. */
const PENDING_KEPT = 4096;
const WINDOWS_KEPT = 2000;
/** A stall belongs to the phase in which a tenth of it, at most this, had passed, ms. */
const SETTLED_AFTER_MS = 250;

export interface StallLog {
  /** Samples in order of their end; every arrival due at or before `completeUntil` is on record. */
  sample(a: Attributed, completeUntil: number): void;
  /** `trafficEnd` closes what never recovered; `pauses` are those of the harness itself. */
  stalls(trafficEnd: number, pauses: readonly { from: number; to: number }[]): Stall[];
  baselineMs(trafficEnd: number): Run['baselineStallMs'];
}

/** Between two successes of a flow; `firstDue` is the earliest due time known inside, Infinity for none. */
interface Gap {
  from: number;
  to: number;
  firstDue: number;
}

interface Window {
  flow: string;
  startAt: number;
  endAt: number;
  recovered: boolean;
}

interface FlowState {
  open: Gap;
  pending: Gap[];
  windows: Window[];
  baselineMs: number;
}

/**
 * The longest times, counted from a due time, in which a flow had no success. Between two successes of a flow that
 * follow each other the stall begins with the first arrival due there, whatever became of it; so the idle wait of a
 * sparse flow is none, and failures do not end it. An arrival due in a gap may be answered (or time out) long after
 * the gap has ended: gaps are settled only once every arrival due in them is on record. Arrivals that were not sent
 * begin no stall: that silence was the harness' own. Nor do those that a rate limiter answered: they never reached the
 * app.
 */
export function createStallLog(log: PhaseLog, flows: readonly string[], thresholds: readonly Threshold[]): StallLog {
  const limit = stallLimitMs(thresholds);
  const ofInterest = stallOfInterestMs(thresholds);
  const states = new Map<string, FlowState>();

  const stateOf = (flow: string): FlowState =>
    obtain(states, flow, () => ({ open: openGap(log.judgedFrom() ?? 0), pending: [], windows: [], baselineMs: 0 }));

  const settle = (state: FlowState, flow: string, gap: Gap) => {
    const window = windowOf(flow, gap, true);
    if (window === null) return;
    if (isBaseline(log, window)) state.baselineMs = Math.max(state.baselineMs, window.endAt - window.startAt);
    else if (window.endAt - window.startAt > Math.max(ofInterest, state.baselineMs)) state.windows.push(window);
    if (state.windows.length >= 2 * WINDOWS_KEPT) state.windows = longest(state.windows, WINDOWS_KEPT);
  };

  const succeed = (state: FlowState, flow: string, at: number) => {
    const gap = { ...state.open, to: at };
    // What is no longer than the longest of the baseline can change nothing.
    if (gap.to - gap.from > state.baselineMs) state.pending.push(gap);
    state.open = openGap(at);
    if (state.pending.length > PENDING_KEPT) state.pending = longestGaps(state.pending, flow, settle, state);
  };

  /** All that is worth listing: settled, waiting, and (unrecovered) still open. */
  const windowsOf = (trafficEnd: number): Window[] =>
    flows.flatMap((flow) => {
      const state = states.get(flow);
      if (state === undefined) return [];
      const waiting = state.pending.map((gap) => windowOf(flow, gap, true));
      const open = windowOf(flow, { ...state.open, to: trafficEnd }, false);
      return [...state.windows, ...waiting, open].filter((window) => window !== null);
    });

  const baselineMs = (trafficEnd: number): Record<string, number> => {
    const longestOf: Record<string, number> = {};
    for (const flow of flows) longestOf[flow] = states.get(flow)?.baselineMs ?? 0;
    for (const window of windowsOf(trafficEnd)) {
      if (!isBaseline(log, window)) continue;
      longestOf[window.flow] = toMicros(Math.max(longestOf[window.flow] ?? 0, window.endAt - window.startAt));
    }
    return longestOf;
  };

  return {
    sample(a, completeUntil) {
      const { flow, dueAt, outcome } = a.sample;
      const state = stateOf(flow);
      if (outcome.kind !== 'unsent' && outcome.kind !== 'blocked') noteDue(state, dueAt);
      if (a.ok && a.at > state.open.from) succeed(state, flow, a.at);
      while (state.pending[0] !== undefined && state.pending[0].to <= completeUntil) {
        settle(state, flow, state.pending.shift() as Gap);
      }
    },
    baselineMs,
    stalls(trafficEnd, pauses) {
      const baseline = baselineMs(trafficEnd);
      const limitOf = (flow: string, from: number) => flowStallLimitMs(from, baseline[flow] ?? 0);
      const listed = windowsOf(trafficEnd).filter((window) => {
        const length = window.endAt - window.startAt;
        return !isBaseline(log, window) && length > limitOf(window.flow, 2 * ofInterest) / 2;
      });
      return merged(listed, (window) => (window.endAt - window.startAt) / limitOf(window.flow, limit)).map(
        ({ window, streams }) => ({
          startAt: window.startAt,
          endAt: window.endAt,
          durationMs: toMicros(window.endAt - window.startAt),
          harnessMs: toMicros(overlapMs(window, pauses)),
          recovered: window.recovered,
          phase: phaseOf(log, window),
          streams,
        }),
      );
    },
  };
}

function openGap(from: number): Gap {
  return { from, to: Number.POSITIVE_INFINITY, firstDue: Number.POSITIVE_INFINITY };
}

/** Takes note of a due time in the gap that contains it. */
function noteDue(state: FlowState, dueAt: number): void {
  let gap: Gap | undefined = state.open;
  if (dueAt < state.open.from) {
    let low = 0;
    let high = state.pending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((state.pending[middle] as Gap).to <= dueAt) low = middle + 1;
      else high = middle;
    }
    gap = state.pending[low];
  }
  if (gap !== undefined && gap.from <= dueAt) gap.firstDue = Math.min(gap.firstDue, dueAt);
}

function windowOf(flow: string, gap: Gap, recovered: boolean): Window | null {
  return gap.firstDue < gap.to ? { flow, startAt: gap.firstDue, endAt: gap.to, recovered } : null;
}

/**
 * An arrival may be due a moment before the step that stalls it begins, and the stall may outlast that step: so
 * neither its first instant nor its last says where it belongs.
 */
function phaseOf(log: PhaseLog, { startAt, endAt }: Window): number {
  return log.at(startAt + Math.min(SETTLED_AFTER_MS, (endAt - startAt) / 10));
}

function isBaseline(log: PhaseLog, window: Window): boolean {
  return log.phases[phaseOf(log, window)]?.kind === 'baseline';
}

function longest(windows: Window[], count: number): Window[] {
  const length = (w: Window) => w.endAt - w.startAt;
  const kept = new Set(windows.toSorted((a, b) => length(b) - length(a) || a.startAt - b.startAt).slice(0, count));
  return windows.filter((window) => kept.has(window));
}

/** Keeps the longer half waiting and settles the others with what is known of them. */
function longestGaps(
  gaps: Gap[],
  flow: string,
  settle: (state: FlowState, flow: string, gap: Gap) => void,
  state: FlowState,
): Gap[] {
  const lengths = gaps.map(({ from, to }) => to - from).sort((a, b) => a - b);
  const median = lengths[lengths.length >> 1] as number;
  for (const gap of gaps) if (gap.to - gap.from <= median) settle(state, flow, gap);
  return gaps.filter((gap) => gap.to - gap.from > median);
}

/**
 * Overlapping windows of flows become one entry: the window of the flow that stalled longest against its own limit,
 * named first, and the names of the others. A union would make a stall longer than what any user met.
 */
function merged(windows: Window[], weight: (w: Window) => number): { window: Window; streams: string[] }[] {
  const groups: Window[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const window of windows.toSorted((a, b) => a.startAt - b.startAt || a.endAt - b.endAt)) {
    if (window.startAt < until) groups.at(-1)?.push(window);
    else groups.push([window]);
    until = Math.max(until, window.endAt);
  }
  return groups.map((group) => {
    const window = group.reduce((worst, other) => (weight(other) > weight(worst) ? other : worst));
    const others = new Set(group.map(({ flow }) => flow).filter((flow) => flow !== window.flow));
    return { window, streams: [window.flow, ...[...others].sort()] };
  });
}

/** How much of a window the pauses cover, ms; pauses may overlap each other. */
function overlapMs({ startAt, endAt }: Window, pauses: readonly { from: number; to: number }[]): number {
  let covered = 0;
  let until = startAt;
  for (const { from, to } of pauses.toSorted((a, b) => a.from - b.from)) {
    const begin = Math.max(from, until);
    const end = Math.min(to, endAt);
    if (end <= begin) continue;
    covered += end - begin;
    until = end;
  }
  return covered;
}
