import type { Generator, Run, Span, Stall } from '../../model/run.js';
import { senderOf } from '../../model/senders.js';
import { flowStallLimitMs, stallLimitMs, stallOfInterestMs, type Threshold } from '../../model/threshold.js';
import type { Attributed } from './attribution.js';
import { obtain } from './keyed.js';
import type { PhaseLog } from './phases.js';
import { toMicros } from './resolution.js';

/** Gaps between successes of one flow that wait for the arrivals due inside them, at most. */
const PENDING_KEPT = 4096;
const WINDOWS_KEPT = 2000;
/** A stall belongs to the phase in which a tenth of it, at most this, had passed, ms; see `phaseOf` for the baseline. */
const SETTLED_AFTER_MS = 250;

export interface StallLog {
  /** Samples in order of their end; every arrival due at or before `completeUntil` is on record. */
  sample(a: Attributed, completeUntil: number): void;
  /** `trafficEnd` closes what never recovered; `senders` say when each sending thread was not running. */
  stalls(trafficEnd: number, senders: Generator['senders']): Stall[];
  baselineMs(trafficEnd: number): Run['baselineStallMs'];
}

/** Between two successes of a flow. */
interface Gap {
  from: number;
  to: number;
  dues: Dues;
}

/** The earliest due time known of each sending thread, at the thread's number; a hole where there is none. */
type Dues = number[];

interface Window {
  flow: string;
  startAt: number;
  endAt: number;
  recovered: boolean;
  dues: Dues;
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
export function createStallLog(
  log: PhaseLog,
  flows: readonly string[],
  thresholds: readonly Threshold[],
  senders: number,
): StallLog {
  const limit = stallLimitMs(thresholds);
  const ofInterest = stallOfInterestMs(thresholds);
  const states = new Map<string, FlowState>();

  const stateOf = (flow: string): FlowState =>
    obtain(states, flow, () => ({ open: openGap(log.judgedFrom() ?? 0), pending: [], windows: [], baselineMs: 0 }));

  const settle = (state: FlowState, flow: string, gap: Gap) => {
    const window = windowOf(flow, gap, true);
    if (window === null) return;
    if (isBaseline(log, window, state.baselineMs))
      state.baselineMs = Math.max(state.baselineMs, window.endAt - window.startAt);
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

  const usualMs = (flow: string): number => states.get(flow)?.baselineMs ?? 0;

  const stallOf = (window: Window, sending: Generator['senders']): Stall => {
    const asleep = asleepIn(window, sending);
    return {
      startAt: window.startAt,
      endAt: window.endAt,
      durationMs: toMicros(window.endAt - window.startAt),
      harnessMs: toMicros(lengthOf(asleep)),
      ...(asleep.length > 0 && { asleep }),
      recovered: window.recovered,
      phase: phaseOf(log, window, usualMs(window.flow)),
      streams: [window.flow],
    };
  };

  const baselineMs = (trafficEnd: number): Record<string, number> => {
    const longestOf: Record<string, number> = {};
    for (const flow of flows) longestOf[flow] = usualMs(flow);
    for (const window of windowsOf(trafficEnd)) {
      if (!isBaseline(log, window, usualMs(window.flow))) continue;
      longestOf[window.flow] = toMicros(Math.max(longestOf[window.flow] ?? 0, window.endAt - window.startAt));
    }
    return longestOf;
  };

  return {
    sample(a, completeUntil) {
      const { seq, flow, dueAt, outcome } = a.sample;
      const state = stateOf(flow);
      if (outcome.kind !== 'unsent' && outcome.kind !== 'blocked') noteDue(state, dueAt, senderOf(seq, senders));
      if (a.ok && a.at > state.open.from) succeed(state, flow, a.at);
      while (state.pending[0] !== undefined && state.pending[0].to <= completeUntil) {
        settle(state, flow, state.pending.shift() as Gap);
      }
    },
    baselineMs,
    stalls(trafficEnd, sending) {
      const baseline = baselineMs(trafficEnd);
      const limitOf = (flow: string, from: number) => flowStallLimitMs(from, baseline[flow] ?? 0);
      const listed = windowsOf(trafficEnd).filter((window) => {
        const length = window.endAt - window.startAt;
        return !isBaseline(log, window, usualMs(window.flow)) && length > limitOf(window.flow, 2 * ofInterest) / 2;
      });
      return merged(
        listed.map((window) => stallOf(window, sending)),
        (flow) => limitOf(flow, limit),
      );
    },
  };
}

function openGap(from: number): Gap {
  return { from, to: Number.POSITIVE_INFINITY, dues: [] };
}

/** Takes note of a due time of a sender in the gap that contains it. */
function noteDue(state: FlowState, dueAt: number, sender: number): void {
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
  if (gap === undefined || gap.from > dueAt) return;
  gap.dues[sender] = Math.min(gap.dues[sender] ?? Number.POSITIVE_INFINITY, dueAt);
}

function windowOf(flow: string, { to, dues }: Gap, recovered: boolean): Window | null {
  const startAt = dues.reduce((first, due) => Math.min(first, due), Number.POSITIVE_INFINITY);
  return startAt < to ? { flow, startAt, endAt: to, recovered, dues } : null;
}

/**
 * An arrival may be due a moment before the step that stalls it begins, and the stall may outlast that step: so
 * neither its first instant nor its last says where it belongs. Of what began in the baseline and lies mostly after it,
 * the first step has what was not yet longer than usual (`usualMs`, the flow's longest before) when that step began: an
 * arrival that a slow flow still waits for then must not raise the limit of the step.
 */
function phaseOf(log: PhaseLog, { startAt, endAt }: Window, usualMs: number): number {
  const settledAt = startAt + Math.min(SETTLED_AFTER_MS, (endAt - startAt) / 10);
  const phase = log.at(settledAt);
  if (log.phases[phase]?.kind !== 'baseline') return phase;
  const next = log.firstBegunBetween(settledAt, endAt);
  const nextAt = log.phases[next]?.startAt ?? Number.POSITIVE_INFINITY;
  return endAt - nextAt > nextAt - startAt && startAt + usualMs >= nextAt ? next : phase;
}

function isBaseline(log: PhaseLog, window: Window, usualMs: number): boolean {
  return log.phases[phaseOf(log, window, usualMs)]?.kind === 'baseline';
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
 * Overlapping stalls of flows become one: that of the flow that stalled longest against its own limit, named first, and
 * the names of the others; one that is over it while the harness ran comes before one that is not. A union would make a
 * stall longer than what any user met.
 */
function merged(stalls: Stall[], limitOf: (flow: string) => number): Stall[] {
  const groups: Stall[][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const stall of stalls.toSorted((a, b) => a.startAt - b.startAt || a.endAt - b.endAt)) {
    if (stall.startAt < until) groups.at(-1)?.push(stall);
    else groups.push([stall]);
    until = Math.max(until, stall.endAt);
  }
  const againstLimit = ({ durationMs, harnessMs, streams: [flow = ''] }: Stall) => {
    const limit = limitOf(flow);
    return { isOver: durationMs - harnessMs >= limit, times: durationMs / limit };
  };
  const isWorse = (stall: Stall, than: Stall): boolean => {
    const [a, b] = [againstLimit(stall), againstLimit(than)];
    return a.isOver === b.isOver ? a.times > b.times : a.isOver;
  };
  return groups.map((parts) => {
    const worst = parts.reduce((known, stall) => (isWorse(stall, known) ? stall : known));
    if (parts.length === 1) return worst;
    const others = new Set(parts.flatMap(({ streams }) => streams));
    others.delete(worst.streams[0] as string);
    return { ...worst, streams: [...worst.streams, ...[...others].sort()], parts };
  });
}

/**
 * The time of a window that shows nothing of the target. Each sending thread that had an arrival due is a witness, from
 * that due time on and while it ran: the one that waited longest says how long the target did not answer. A thread that
 * slept excuses nothing that another met, and a flow whose only arrival was on that thread has no other witness.
 */
function asleepIn({ startAt, endAt, dues }: Window, senders: Generator['senders']): Span[] {
  let least: Span[] = [{ from: startAt, to: endAt }];
  dues.forEach((due, sender) => {
    const before = due > startAt ? [{ from: startAt, to: due }] : [];
    const asleep = [...before, ...within(senders[sender]?.pauses ?? [], due, endAt)];
    if (lengthOf(asleep) < lengthOf(least)) least = asleep;
  });
  return least;
}

/** What of the spans lies in a time. */
function within(spans: readonly Span[], from: number, to: number): Span[] {
  return spans
    .filter((span) => span.from < to && span.to > from)
    .map((span) => ({ from: Math.max(span.from, from), to: Math.min(span.to, to) }));
}

/** The length of spans that are apart, ms. */
function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
