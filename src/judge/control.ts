import type { FailedRequest, Run, Span, Stall } from '../model/run.js';

/** How far from a failure of the control another failure says nothing, ms. */
const AROUND_MS = 1000;

/**
 * When the endpoint that the release does not touch failed too, with a second around each failure; in order, apart
 * from each other. What fails in there is the network's or the harness', as far as anyone can tell.
 */
export function controlSpans({ probes }: Run): Span[] {
  const control = probes.find(({ probe }) => probe === 'control');
  if (control === undefined) return [];
  const failed = [
    ...control.failures.map(({ sentAt, at }) => ({ from: sentAt - AROUND_MS, to: at + AROUND_MS })),
    ...control.faults.map(({ at }) => ({ from: at - AROUND_MS, to: at + AROUND_MS })),
  ].sort((a, b) => a.from - b.from);
  const spans: Span[] = [];
  for (const span of failed) {
    const last = spans.at(-1);
    if (last === undefined || span.from > last.to) spans.push(span);
    else last.to = Math.max(last.to, span.to);
  }
  return spans;
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
