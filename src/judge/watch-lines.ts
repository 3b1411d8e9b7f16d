import { seqOf } from '../model/request-id.js';
import type { WatchedLine, WatchRun } from '../model/watch.js';
import type { Measure } from './measure.js';

/** How far a line of a log and a failed request may be apart and still be one event, ms. */
const AROUND_MS = 1000;

/** What a watched log says of requests that failed behind the proxy, in one phase. */
export interface LoggedErrors {
  watch: WatchRun;
  phase: number;
  count: number;
  byPattern: { pattern: string; count: number }[];
  /** Those lines that were kept. */
  lines: WatchedLine[];
  /** Of those, the ones that came within a second of a request that failed, and those that name one. */
  byTime: number;
  byRequest: { line: WatchedLine; seq: number }[];
}

/** Logged errors of requests after the baseline, by log and phase. */
export function loggedErrors(m: Measure): LoggedErrors[] {
  const failures = failuresOf(m);
  const failedSeqs = new Set(m.run.failures.map(({ seq }) => seq));
  return m.run.watchers.flatMap((watch) => {
    const isError = ({ pattern }: { pattern: string }) => watch.requestErrors.includes(pattern);
    return m.whole.phases.flatMap((index) => {
      const byPattern = watch.lineCounts.filter((entry) => entry.phase === index && isError(entry));
      const count = byPattern.reduce((sum, entry) => sum + entry.count, 0);
      if (count === 0) return [];
      const lines = watch.lines.filter((line) => isError(line) && phaseOf(m, line.at) === index);
      const byTime = lines.filter(({ at }) => failures.some((failedAt) => Math.abs(failedAt - at) <= AROUND_MS)).length;
      const byRequest = lines.flatMap((line) => {
        const seq = seqOf(line.requestId);
        return seq !== null && failedSeqs.has(seq) ? [{ line, seq }] : [];
      });
      return [{ watch, phase: index, count, byPattern, lines, byTime, byRequest }];
    });
  });
}

/** When requests failed: those of the mix, and those of probes. */
function failuresOf({ run, whole }: Measure): number[] {
  const ofMix = run.failures.filter(({ phase }) => whole.phases.includes(phase)).map(({ endedAt }) => endedAt);
  return [...ofMix, ...run.probes.flatMap(({ failures }) => failures.map(({ at }) => at))];
}

/** The judged phase in which something was seen. */
export function phaseOf({ run, baseline, whole }: Measure, at: number): number {
  const all = [...baseline.phases, ...whole.phases];
  return all.findLast((index) => (run.phases[index]?.startAt ?? 0) <= at) ?? -1;
}
