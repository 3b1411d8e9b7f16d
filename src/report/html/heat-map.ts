import type { LatencyMap } from '../../model/over-time.js';
import { formatCount, formatMs } from '../../model/units.js';
import { columnsPerDrawn, joinedColumns, sums, totalOf } from '../columns.js';
import type { Timeline } from '../timeline.js';
import { heatMapTable, isRoundLimit, limitText } from './heat-map-table.js';
import { levelOf, type Shades, shadesOf } from './heat-shades.js';
import { type Html, html, raw } from './html.js';
import { type BarLane, barLane, LANE } from './plot-bars.js';
import { fill, stroke } from './svg-parts.js';
import { inColumns, type PlotText, plotLine, timeFigure } from './time-plot.js';
import type { Section } from './view.js';

const COLUMNS = 400;
const ROWS = 40;
const MAP_HEIGHT = 230;

/** When requests were answered, and after how long; nothing where none was judged. */
export const heatMapSection: Section = {
  id: 'heat-map',
  nav: 'Latency map',
  render: ({ run, timeline }) => {
    const map = run.overTime.latencies;
    if (map.ok.length === 0) return null;
    return html`<h2>Latency heat map</h2>
<p>Every judged request by the time it ended: up, how long it took from when it was due; the darker (on a dark page the lighter), the more. Two bands are two kinds of answers, a gap is a time without any. What failed has a row of its own and no latency; blocked and unsent requests are not in it.</p>
${figure(map, timeline)}<details><summary>The heat map as a table</summary>${heatMapTable(map, timeline.durationMs)}</details>`;
  },
};

function figure(map: LatencyMap, timeline: Timeline): Html {
  const per = columnsPerDrawn(map, timeline.durationMs, COLUMNS);
  const columns = joinedColumns(map, per);
  const lanes = lanesOf(map, per).map((lane, index) => barLane(lane, index * LANE, columns, timeline));
  const top = lanes.length * LANE + 10;
  const rows = rowsOf(map, per);
  const unit = Math.min(14, Math.max(5, Math.floor(MAP_HEIGHT / Math.max(1, rows.length))));
  const height = top + rows.length * unit + 6;
  const shades = shadesOf(rows.map(({ counts }) => counts));
  const label = `Heat map of latencies from ${limitText(rows.at(-1)?.fromMs ?? 0)} up, at most ${formatCount(shades.most)} requests in a field of ${formatMs(columns.columnMs)}; the same in the table below`;
  const marks = html`${lanes.map((lane) => lane.marks)}${limits(rows, top, unit).map(({ y }) => plotLine(y))}<g ${inColumns(columns, timeline, top, unit)} shape-rendering="crispEdges">${cells(rows, shades)}</g>`;
  const texts = [...lanes.map((lane) => lane.text), ...limits(rows, top, unit)];
  return timeFigure(timeline, { id: 'heat-map', label, height, marks, texts }, legend(shades, columns.columnMs));
}

function lanesOf({ failed, retryable }: LatencyMap, per: number): BarLane[] {
  const lanes: BarLane[] = [
    { name: 'failed', colour: 'bad', counts: sums(failed, per) },
    { name: 'retryable', colour: 'retryable', counts: sums(retryable, per) },
  ];
  return lanes.filter(({ counts }) => totalOf(counts) > 0);
}

/** A row of the map: what took `fromMs` or longer, up to the row above. */
interface HeatRow {
  fromMs: number;
  counts: number[];
}

/** The rows that are drawn, the slowest first: from the fastest success to the slowest, never more than `ROWS`. */
function rowsOf({ limitsMs, ok }: LatencyMap, per: number): HeatRow[] {
  const used = limitsMs.map((_, row) => ok.some((column) => (column[row] ?? 0) > 0));
  const first = used.indexOf(true);
  const last = used.lastIndexOf(true);
  if (first === -1) return [];
  const step = Math.ceil((last - first + 1) / ROWS);
  const rows: HeatRow[] = [];
  // The second class begins the first decade: pairs begin there too.
  for (let row = first - ((first - 1 + step) % step); row <= last; row += step) {
    const from = Math.max(0, row);
    const counts = ok.map((column) => totalOf(column.slice(from, row + step)));
    rows.unshift({ fromMs: limitsMs[from] as number, counts: sums(counts, per) });
  }
  return rows;
}

/** One path for each shade: fields of one row that lie side by side are one stroke as thick as the row. */
function cells(rows: readonly HeatRow[], shades: Shades): Html[] {
  const paths = shades.levels.map(() => '');
  rows.forEach(({ counts }, row) => {
    for (let column = 0; column < counts.length; ) {
      const level = levelOf(shades, counts[column] as number);
      let end = column + 1;
      while (end < counts.length && levelOf(shades, counts[end] as number) === level) end++;
      if (level !== -1) paths[level] += `M${column} ${row}h${end - column}`;
      column = end;
    }
  });
  return shades.levels.map(
    ({ colour, text }, level) =>
      html`<path transform="translate(0 .5)" d="${raw(paths[level] ?? '')}" ${stroke(colour)} stroke-width="1" fill="none"><title>${text}</title></path>`,
  );
}

/** Rows that begin at a round latency; the lowest row where none does. */
function limits(rows: readonly HeatRow[], top: number, unit: number): PlotText[] {
  const texts = rows.map(({ fromMs }, row) => ({
    y: top + (row + 1) * unit,
    text: limitText(fromMs),
    at: 'axis' as const,
  }));
  const round = texts.filter((_, row) => isRoundLimit(rows[row]?.fromMs ?? 0));
  return round.length > 0 ? round : texts.slice(-1);
}

function legend(shades: Shades, columnMs: number): Html | null {
  if (shades.levels.length === 0) return null;
  return html`<ul class="legend"><li>successes in ${formatMs(columnMs)}:</li>${shades.levels.map(
    ({ colour, text }) =>
      html`<li><svg width="16" height="10" aria-hidden="true"><rect width="16" height="10" ${fill(colour)}/></svg>${text}</li>`,
  )}</ul>`;
}
