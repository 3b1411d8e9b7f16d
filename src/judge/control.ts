import { FAILING_APART_MS } from '../model/probe.js';
import type { FailedRequest, Run, Span, Stall } from '../model/run.js';

/** How far from a failure of the control another failure says nothing, ms: the spans stay apart from each other. */
const AROUND_MS = FAILING_APART_MS / 2;

/**
 * When the endpoint that the release does not touch failed too, with a second around each failure; in order, apart
 * from each other. What fails in there is the network's or the harness', as far as anyone can tell.
 */
export function controlSpans({ probes }: Run): Span[] {
  const failing = probes.find(({ probe }) => probe === 'control')?.failing ?? [];
  return failing.map(({ from, to }) => ({ from: from - AROUND_MS, to: to + AROUND_MS }));
}

/** Whether any part of a time lies in the spans. */
export function overlaps(spans: readonly Span[], from: number, to: number): boolean {
  return spans.some((span) => span.from <= to && span.to >= from);
}

/** How much of a time lies in the spans, ms. */
export function overlapMs(spans: readonly Span[], from: number, to: number): number {
  return spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
}

/** How much of a stall the control was failing too while the harness ran, ms. */
export function controlMs(run: Run, { startAt, endAt }: Stall, spans = controlSpans(run)): number {
  return spans.reduce((sum, { from, to }) => {
    const [begin, end] = [Math.max(from, startAt), Math.min(to, endAt)];
    return begin >= end ? sum : sum + end - begin - overlapMs(run.generator.pauses, begin, end);
  }, 0);
}

/** Whether the control failed at the same time as a request. */
export function besideControl(spans: readonly Span[], { sentAt, dueAt, endedAt }: FailedRequest): boolean {
  return overlaps(spans, sentAt ?? dueAt, endedAt);
}
