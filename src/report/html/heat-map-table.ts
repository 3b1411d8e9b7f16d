import type { LatencyMap } from '../../model/over-time.js';
import { formatCount, formatMs } from '../../model/units.js';
import { columnsPerDrawn, joinedColumns, sums, totalOf } from '../columns.js';
import { atSeconds } from '../text.js';
import type { Html } from './html.js';
import { table } from './table.js';

const ROWS = 60;

/** The heat map in numbers: fewer columns of time as rows, and latencies in steps of 1, 2 and 5. */
export function heatMapTable(map: LatencyMap, durationMs: number): Html {
  const per = columnsPerDrawn(map, durationMs, ROWS);
  const { fromMs, columnMs } = joinedColumns(map, per);
  const steps = stepsOf(map);
  const counts = steps.map(({ first, end }) =>
    sums(
      map.ok.map((column) => totalOf(column.slice(first, end))),
      per,
    ),
  );
  const [failed, retryable] = [sums(map.failed, per), sums(map.retryable, per)];
  const names = [
    ...steps.map((step) => (step.fromMs === 0 ? `under ${limitText(step.toMs)}` : `from ${limitText(step.fromMs)}`)),
    ...['failed', 'retryable'],
  ];
  return table(
    'Requests by latency',
    [{ name: `each ${formatMs(columnMs)} from` }, ...names.map((name) => ({ name, number: true }))],
    failed.map((count, row) => ({
      tone: count > 0 ? ('hit' as const) : undefined,
      cells: [
        atSeconds(fromMs + row * columnMs),
        ...counts.map((column) => formatCount(column[row] ?? 0)),
        formatCount(count),
        formatCount(retryable[row] ?? 0),
      ],
    })),
  );
}

/** A lower limit of a class: `0.5 ms`, `20 ms`, `2 s`. */
export function limitText(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

/** 1, 2 or 5 times a power of ten, or the beginning of all. */
export function isRoundLimit(ms: number): boolean {
  if (ms === 0) return true;
  const digits = ms / 10 ** Math.floor(Math.log10(ms) + 1e-9);
  return [1, 2, 5].some((step) => Math.abs(digits - step) < 1e-6);
}

/** Classes of the map from `first` to before `end`. */
interface Step {
  fromMs: number;
  toMs: number;
  first: number;
  end: number;
}

/** From the first step with a success to the last. */
function stepsOf({ limitsMs, ok }: LatencyMap): Step[] {
  const starts = limitsMs.flatMap((limit, index) => (isRoundLimit(limit) ? [index] : []));
  const steps = starts.map((first, index): Step => {
    const end = starts[index + 1] ?? limitsMs.length;
    return { fromMs: limitsMs[first] ?? 0, toMs: limitsMs[end] ?? Number.POSITIVE_INFINITY, first, end };
  });
  const isUsed = ({ first, end }: Step) => ok.some((column) => totalOf(column.slice(first, end)) > 0);
  const used = steps.map(isUsed);
  return steps.slice(Math.max(0, used.indexOf(true)), used.lastIndexOf(true) + 1);
}
