import { PROBE_FAULTS_KEPT, type ProbeRun } from '../../model/probe.js';
import { FAILURES_KEPT, type Run } from '../../model/run.js';
import { formatCount, formatMs } from '../../model/units.js';
import { overlaps } from '../control.js';
import { failedByPhase } from '../headline.js';
import type { Measure } from '../measure.js';
import { probeRun } from '../probe-faults.js';
import type { Rule } from './rule.js';

/** How far apart failures of both may be and still be one event, ms. */
const AROUND_MS = 1000;

/** Requests straight to a backend, held against those that failed on the usual way: the proxy, or the app behind it. */
export const twinComparison: Rule = {
  name: 'twin-comparison',
  find: (m) => {
    const twin = probeRun(m.run, 'twin');
    if (twin === undefined || twin.readyAt === null || twin.requests === 0) return [];
    return failedByPhase(m).flatMap(({ phase, name, failed }) => {
      const span = failingSpan(m, phase);
      if (span === null || !isSeen(m.run, twin, span)) return [];
      const failedToo = twin.failures.filter(({ sentAt, at }) => overlaps([span], sentAt, at)).length;
      const both = failedToo > 0;
      return [
        {
          severity: 'note' as const,
          phase: name,
          claim: both
            ? `Requests straight to the backend failed as well in ${name}: it is the app, not the proxy in front of it.`
            : `No request straight to the backend failed beside those of ${name}: it is the proxy, or its way to the app.`,
          evidence: [
            `${formatCount(failed)} requests failed on the usual way, ${formatCount(failedToo)} straight to the backend from ${formatMs(span.from)} to ${formatMs(span.to)}`,
            `${formatCount(twin.requests)} requests went straight to the backend in all, ${formatCount(twin.failed)} failed`,
          ],
          remedy: '',
        },
      ];
    });
  },
};

function failingSpan({ run }: Measure, phase: number): { from: number; to: number } | null {
  const times = run.failures.filter((failure) => failure.phase === phase);
  const first = times.reduce((least, { sentAt, dueAt }) => Math.min(least, sentAt ?? dueAt), Number.POSITIVE_INFINITY);
  const last = times.at(-1)?.endedAt;
  return last === undefined ? null : { from: Math.max(0, first - AROUND_MS), to: last + AROUND_MS };
}

/** Whether two requests of the twin or more fell into the time, and all that is needed was kept. */
function isSeen(run: Run, twin: ProbeRun, { from, to }: { from: number; to: number }): boolean {
  if (run.failures.length >= FAILURES_KEPT || twin.failures.length >= PROBE_FAULTS_KEPT) return false;
  const everyMs = (run.durationMs - (twin.readyAt ?? 0)) / twin.requests;
  return everyMs * 2 <= to - from;
}
