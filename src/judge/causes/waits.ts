import type { Cell, FailedRequest, Run } from '../../model/run.js';
import type { Incident } from './incident.js';

/** A flow stalled while another had no stall that is listed. */
export function waitAlone(run: Run, { stalls, from, to }: Incident): boolean {
  const stalled = new Set(
    [...stalls, ...run.stalls.filter(({ startAt, endAt }) => startAt < to && endAt > from)].flatMap(
      ({ streams }) => streams,
    ),
  );
  return stalled.size > 0 && run.header.traffic.flows.some(({ name }) => !stalled.has(name));
}

/** By when the requests that were lost were due. */
export function writesFirst(failures: readonly FailedRequest[], isUnsafe: (flow: string) => boolean): number | null {
  const firstDue = (unsafe: boolean) =>
    Math.min(...failures.filter(({ flow }) => isUnsafe(flow) === unsafe).map(({ dueAt }) => dueAt));
  const ms = firstDue(false) - firstDue(true);
  return Number.isFinite(ms) ? ms : null;
}

/** By how much longer they waited at most, where all went on in one moment. */
export function writesLonger(
  cells: readonly Cell[],
  { from, to }: Incident,
  isUnsafe: (flow: string) => boolean,
): number | null {
  const longest = (unsafe: boolean) =>
    Math.max(
      0,
      ...cells
        .filter(({ flow }) => isUnsafe(flow) === unsafe)
        .flatMap(({ maxBySecond }) =>
          [...maxBySecond].flatMap(([second, { sinceDue }]) =>
            second >= Math.floor(from / 1000) && second * 1000 <= to ? sinceDue : [],
          ),
        ),
    );
  const [writes, reads] = [longest(true), longest(false)];
  return writes === 0 || reads === 0 ? null : writes - reads;
}
