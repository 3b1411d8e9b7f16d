import type { ConnectionKind } from '../../model/sample.js';
import { sumTallies } from '../../model/tally.js';
import { formatCount, formatMs } from '../../model/units.js';
import { columnsPerDrawn, joinedColumns, totalOf } from '../columns.js';
import { latencyOf } from '../summary.js';
import { type Html, html } from './html.js';
import { seriesFigure, seriesTable, timeText } from './series-plot.js';
import { type Row, table } from './table.js';
import type { Section, View } from './view.js';

const COLUMNS = 400;
const TABLE_ROWS = 40;

/** Fresh connections against reused ones over time and by step: what a deploy closes or refuses shows in one of them. */
export const connectionsSection: Section = {
  id: 'connections',
  render: (view) => {
    const { run, timeline } = view;
    const { connections, ...columns } = run.overTime.series;
    const used = connections.filter(({ requests }) => totalOf(requests) > 0);
    if (used.length === 0) return null;
    const drawnMs = joinedColumns(columns, columnsPerDrawn(columns, timeline.durationMs, COLUMNS)).columnMs;
    return html`<h2>Fresh and reused connections over time</h2>
<p>p99 of each second${drawnMs > 1000 && html`, the highest of each ${formatMs(drawnMs)}`}; failed requests count as their timeout. Fresh is the first request on its connection: it pays for connecting, and meets what the port and the proxy do.</p>
${seriesFigure(timeline, {
  ...{ id: 'connections', columns, most: COLUMNS },
  label: `p99 on ${used.map(({ connection }) => connection).join(' and on ')} connections; the same in the tables below`,
  lanes: used.map(({ connection, failed }) => ({
    name: `failed on ${connection} connections`,
    colour: 'bad',
    counts: failed,
  })),
  lines: used.map(({ connection, p99Ms }) => ({
    name: `p99, ${connection}`,
    times: p99Ms,
    ...(connection === 'fresh' ? { colour: 'p99', dash: '' } : { colour: 'p50', dash: '4 3' }),
  })),
})}${byStep(view)}${used.map(
  ({ connection, ...series }) =>
    html`<details><summary>The ${connection} connections over time as a table</summary>${seriesTable(`Requests on ${connection} connections`, columns, series, timeline.durationMs, TABLE_ROWS)}</details>`,
)}`;
  },
};

function byStep({ run, summary }: View): Html {
  const rows = summary.phases
    .filter(({ phase }) => phase.judged)
    .map(({ index, label }): Row => {
      const of = (kind: ConnectionKind) => {
        const cells = run.cells.filter(({ phase, connection }) => phase === index && connection === kind);
        return { tally: sumTallies(cells), latency: latencyOf(cells, 'sinceDue') };
      };
      const both = [of('fresh'), of('reused')];
      return {
        tone: both.some(({ tally }) => tally.failed > 0) ? 'hit' : undefined,
        cells: [
          label,
          ...both.flatMap(({ tally, latency }) => [
            formatCount(tally.requests),
            formatCount(tally.failed),
            timeText(latency.p50),
            timeText(latency.p99),
          ]),
        ],
      };
    });
  const names = ['requests', 'failed', 'p50', 'p99'];
  return table(
    'Fresh and reused connections by step',
    [
      { name: 'step' },
      ...(['fresh', 'reused'] as const).flatMap((kind) =>
        names.map((name) => ({ name: `${kind}: ${name}`, number: true })),
      ),
    ],
    rows,
  );
}
