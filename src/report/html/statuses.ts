import { formatCount, formatMs } from '../../model/units.js';
import { columnsPerDrawn, joinedColumns, sums, totalOf } from '../columns.js';
import type { ColourName } from '../palette.js';
import { atSeconds } from '../text.js';
import { type Html, html } from './html.js';
import { type BarLane, barLane, LANE } from './plot-bars.js';
import { table } from './table.js';
import { timeFigure } from './time-plot.js';
import type { Section, View } from './view.js';

const COLUMNS = 400;
const TABLE_ROWS = 60;

/** Which status came when, a row each, so that ten answers 502 are not lost beside a million 200. */
export const statusesSection: Section = {
  id: 'statuses',
  nav: 'Status codes',
  render: ({ run, timeline }) => {
    const lanes = lanesOf(run.overTime.statuses);
    if (lanes.length === 0) return null;
    const per = columnsPerDrawn(run.overTime.statuses, timeline.durationMs, COLUMNS);
    const columns = joinedColumns(run.overTime.statuses, per);
    const drawn = lanes.map((lane, index) =>
      barLane({ ...lane, counts: sums(lane.counts, per) }, index * LANE, columns, timeline),
    );
    return html`<h2>Status codes over time</h2>
<p>Every status line of a judged request, by the time it ended. Each row has a scale of its own, from 0 to its highest ${formatMs(columns.columnMs)}.</p>
${timeFigure(timeline, {
  id: 'statuses',
  label: `Status codes over time: ${lanes.map(({ name, counts }) => `${name} ${formatCount(totalOf(counts))}`).join(', ')}; the same in the table below`,
  height: lanes.length * LANE + 4,
  marks: html`${drawn.map(({ marks }) => marks)}`,
  texts: drawn.map(({ text }) => text),
})}<details><summary>The status codes as a table</summary>${dataTable(run.overTime.statuses, lanes, timeline.durationMs)}</details>`;
  },
};

type Statuses = View['run']['overTime']['statuses'];

function lanesOf({ statuses, others, none }: Statuses): BarLane[] {
  const lanes: BarLane[] = [
    ...statuses
      .toSorted((a, b) => a.status - b.status)
      .map(({ status, counts }) => ({ name: String(status), colour: colourOf(status), counts })),
    { name: 'other status codes', colour: 'statusOther', counts: others },
    { name: 'no status line', colour: 'statusNone', counts: none },
  ];
  return lanes.filter(({ counts }) => totalOf(counts) > 0);
}

function colourOf(status: number): ColourName {
  const hundreds = Math.floor(status / 100);
  return hundreds === 2 || hundreds === 3 || hundreds === 4 || hundreds === 5 ? `status${hundreds}` : 'statusOther';
}

function dataTable(statuses: Statuses, lanes: readonly BarLane[], durationMs: number): Html {
  const per = columnsPerDrawn(statuses, durationMs, TABLE_ROWS);
  const { fromMs, columnMs } = joinedColumns(statuses, per);
  const counts = lanes.map((lane) => sums(lane.counts, per));
  return table(
    'Status codes over time',
    [{ name: `each ${formatMs(columnMs)} from` }, ...lanes.map(({ name }) => ({ name, number: true }))],
    Array.from({ length: counts[0]?.length ?? 0 }, (_, row) => ({
      cells: [atSeconds(fromMs + row * columnMs), ...counts.map((column) => formatCount(column[row] ?? 0))],
    })),
  );
}
