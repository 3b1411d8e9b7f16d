import type { Columns, Series } from '../../model/over-time.js';
import { formatCount, formatMs } from '../../model/units.js';
import { latencyRange } from '../chart-scales.js';
import { columnsPerDrawn, highest, joinedColumns, sums, totalOf } from '../columns.js';
import type { ColourName } from '../palette.js';
import { atSeconds } from '../text.js';
import type { Timeline } from '../timeline.js';
import { type Html, html, raw } from './html.js';
import { type BarLane, barLane, LANE } from './plot-bars.js';
import { num, stroke } from './svg-parts.js';
import { type Row, table } from './table.js';
import { inColumns, type PlotText, plotLine, timeFigure } from './time-plot.js';

/** One line of latencies; `dash` tells it from the others without its colour. */
export interface SeriesLine {
  name: string;
  times: readonly (number | null)[];
  colour: ColourName;
  dash: string;
}

export interface SeriesPlot {
  id: string;
  label: string;
  columns: Columns;
  /** Rows of bars above the latencies; those without a count are left out. */
  lanes: readonly BarLane[];
  lines: readonly SeriesLine[];
  /** Columns of the whole run that are drawn at most. */
  most: number;
}

const HEIGHT = 110;
const CAPTION = 18;

/** Latencies over the run's time on a logarithmic axis, under rows of bars; series are joined where there are too many columns. */
export function seriesFigure(timeline: Timeline, plot: SeriesPlot): Html {
  const per = columnsPerDrawn(plot.columns, timeline.durationMs, plot.most);
  const columns = joinedColumns(plot.columns, per);
  const lanes = plot.lanes
    .filter(({ counts }) => totalOf(counts) > 0)
    .map((lane, index) => barLane({ ...lane, counts: sums(lane.counts, per) }, index * LANE, columns, timeline));
  const top = lanes.length * LANE + CAPTION;
  const lines = plot.lines.map((line) => ({ ...line, times: highest(line.times, per) }));
  const y = scaleOf(lines, top);
  const grid = y.ticks.map((ms): PlotText => ({ y: y.of(ms), text: tickText(ms), at: 'axis' }));
  const drawn = lines.map(
    ({ name, times, colour, dash }) =>
      html`<path data-series="${name}" d="${raw(linePath(times, y.of, top))}" ${stroke(colour)} stroke-width="1.5" stroke-linecap="round" fill="none" vector-effect="non-scaling-stroke"${dash !== '' && html` stroke-dasharray="${dash}"`}><title>${name}</title></path>`,
  );
  return timeFigure(
    timeline,
    {
      ...{ id: plot.id, label: plot.label, height: top + HEIGHT + 4 },
      marks: html`${lanes.map(({ marks }) => marks)}${grid.map((tick) => plotLine(tick.y))}<g ${inColumns(columns, timeline, top, 1)}>${drawn}</g>`,
      texts: [...lanes.map(({ text }) => text), { y: top - 6, text: 'latency (log)', at: 'plot' }, ...grid],
    },
    legend(lines),
  );
}

/** A series in numbers, at most `rows` of them. */
export function seriesTable(caption: string, columns: Columns, series: Series, durationMs: number, rows: number): Html {
  const per = columnsPerDrawn(columns, durationMs, rows);
  const { fromMs, columnMs } = joinedColumns(columns, per);
  const [requests, failed] = [sums(series.requests, per), sums(series.failed, per)];
  const times = [series.p50Ms, series.p99Ms, series.maxMs].map((values) => highest(values, per));
  const numbers = ['requests', 'failed', 'p50, highest second', 'p99, highest second', 'slowest'];
  return table(
    caption,
    [{ name: `each ${formatMs(columnMs)} from` }, ...numbers.map((name) => ({ name, number: true }))],
    requests.map((count, row): Row => {
      const failures = failed[row] ?? 0;
      return {
        tone: failures > 0 ? 'hit' : undefined,
        cells: [
          atSeconds(fromMs + row * columnMs),
          formatCount(count),
          formatCount(failures),
          ...times.map((values) => timeText(values[row] ?? null)),
        ],
      };
    }),
  );
}

export function timeText(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}

/** Where a latency lies, and the latencies that are named. */
function scaleOf(lines: readonly SeriesLine[], top: number): { of(ms: number): number; ticks: number[] } {
  const known = lines.flatMap(({ times }) => times.filter((ms): ms is number => ms !== null && ms > 0));
  const lowest = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = known.reduce((a, b) => Math.max(a, b), 0);
  const { min, max } = latencyRange([{ minMs: Number.isFinite(lowest) ? lowest : null, maxMs: most }]);
  const span = Math.log10(max / min);
  const ticks: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(min)); decade <= max * 1.001; decade *= 10) {
    for (const step of span > 2 ? [1] : [1, 2, 5]) ticks.push(Number((step * decade).toPrecision(3)));
  }
  return {
    of: (ms) => top + HEIGHT * (1 - Math.log10(Math.min(max, Math.max(min, ms)) / min) / span),
    ticks: ticks.filter((ms) => ms >= min * 0.999 && ms <= max * 1.001),
  };
}

function tickText(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

/** A line through the middles of neighbouring columns, in steps of one; a point between two gaps becomes a dot. */
function linePath(times: readonly (number | null)[], y: (ms: number) => number, top: number): string {
  let path = '';
  let last: number | null = null;
  times.forEach((ms, column) => {
    if (ms === null) {
      last = null;
      return;
    }
    const at = Math.round(y(ms) - top);
    if (last !== null) path += `l1${at < last ? '' : ' '}${at - last}`;
    else path += `M${column + 0.5} ${num(at)}${times[column + 1] == null ? 'h.01' : ''}`;
    last = at;
  });
  return path;
}

function legend(lines: readonly SeriesLine[]): Html {
  return html`<ul class="legend">${lines.map(
    ({ name, colour, dash }) =>
      html`<li data-series="${name}"><svg width="26" height="10" aria-hidden="true"><path d="M0 5H26" fill="none" ${stroke(colour)} stroke-width="2"${dash !== '' && html` stroke-dasharray="${dash}"`}/></svg>${name}</li>`,
  )}</ul>`;
}
