import type { FlowPlan } from '../../model/event.js';
import { FAILURE_CAUSES } from '../../model/outcome.js';
import type { TrafficSeries } from '../../model/over-time.js';
import type { Cell } from '../../model/run.js';
import { sumTallies } from '../../model/tally.js';
import { formatCount, plural } from '../../model/units.js';
import { latencyOf } from '../summary.js';
import { clip } from '../text.js';
import { type Html, html } from './html.js';
import { seriesFigure, seriesTable, timeText } from './series-plot.js';
import { type Row, table } from './table.js';
import type { Section, View } from './view.js';

/** Of all flows together, so that fifty are not ten times the page of five; each has a share between the limits. */
const COLUMNS = { all: 2400, least: 60, most: 300 };
const TABLE_ROWS = { all: 160, least: 8, most: 40 };

/** One flow after the other, each folded away; nothing where none was judged. */
export const flowsSection: Section = {
  id: 'flows',
  nav: 'Flows',
  render: (view) => {
    const { run } = view;
    const { flows } = run.header.traffic;
    const { series } = run.overTime;
    const shown = flows.flatMap((flow, index) => {
      const found = series.flows.find((each) => each.flow === flow.name);
      const cells = run.cells.filter((cell) => cell.flow === flow.name && cell.requests > 0);
      return found === undefined || cells.length === 0 ? [] : [{ flow, index, found, cells }];
    });
    if (shown.length === 0) return null;
    const more = flows.length - series.flows.length;
    return html`<h2>Flows</h2>
<p>Each with its requests over time, its failures by step, and its latency on fresh and on reused connections. p50 and p99 over time are those of single seconds; a column of several has the highest. Failed requests count as their timeout in latencies.</p>${shown.map(
      ({ flow, index, found, cells }) =>
        html`<details id="flow-${index}"><summary>${title(flow, cells)}</summary>${chart(view, index, found, shown.length)}${failures(view, flow, cells)}${quantiles(flow, cells)}${asTable(view, flow, found, shown.length)}</details>`,
    )}${more > 0 && html`<p class="more">${plural(more, 'more flow')} of the scenario: the table above has their counts.</p>`}`;
  },
};

type FlowSeries = TrafficSeries['flows'][number];

function title({ name, method, path }: FlowPlan, cells: readonly Cell[]): Html {
  const { requests, failed } = sumTallies(cells);
  const { p99 } = latencyOf(cells, 'sinceDue');
  return html`<strong>${clip(name, 80)}</strong> ${clip(method, 12)} ${clip(path, 80)}: ${plural(requests, 'request')}, ${
    failed > 0 ? html`<strong class="bad">${formatCount(failed)} failed</strong>` : 'none failed'
  }, p99 ${timeText(p99)}`;
}

function chart({ run, timeline }: View, index: number, series: FlowSeries, flows: number): Html {
  const { flow, requests, failed, p50Ms, p99Ms, maxMs } = series;
  return seriesFigure(timeline, {
    ...{ id: `flow-${index}`, columns: run.overTime.series, most: shareOf(COLUMNS, flows) },
    label: `Requests and latency of ${clip(flow, 80)} over time; the same in the table below`,
    lanes: [
      { name: 'failed', colour: 'bad', counts: failed },
      { name: 'requests', colour: 'hold', counts: requests },
    ],
    lines: [
      { name: 'slowest', times: maxMs, colour: 'hold', dash: '1 3' },
      { name: 'p99', times: p99Ms, colour: 'p99', dash: '' },
      { name: 'p50', times: p50Ms, colour: 'p50', dash: '4 2' },
    ],
  });
}

/** Which causes in which step. */
function failures({ summary }: View, { name }: FlowPlan, cells: readonly Cell[]): Html | null {
  const all = sumTallies(cells);
  if (all.failed === 0) return null;
  const causes = FAILURE_CAUSES.filter((cause) => (all.byError[cause] ?? 0) > 0);
  const rows = summary.phases.flatMap(({ index, label }): Row[] => {
    const tally = sumTallies(cells.filter(({ phase }) => phase === index));
    if (tally.failed === 0) return [];
    const counts = causes.map((cause) => formatCount(tally.byError[cause] ?? 0));
    return [{ tone: 'hit', cells: [label, formatCount(tally.failed), formatCount(tally.requests), ...counts] }];
  });
  return table(
    `Failed requests of ${clip(name, 80)} by step`,
    [{ name: 'step' }, ...['failed', 'of', ...causes].map((column) => ({ name: column, number: true }))],
    rows,
  );
}

function quantiles({ name }: FlowPlan, cells: readonly Cell[]): Html {
  const kinds = [
    ['fresh', cells.filter(({ connection }) => connection === 'fresh')],
    ['reused', cells.filter(({ connection }) => connection === 'reused')],
    ['both', cells],
  ] as const;
  const numbers = ['requests', 'failed', 'p50', 'p90', 'p99', 'p99.9', 'slowest'];
  return table(
    `Latency of ${clip(name, 80)} by connection`,
    [{ name: 'connections' }, ...numbers.map((column) => ({ name: column, number: true }))],
    kinds.map(([kind, own]): Row => {
      const { requests, failed } = sumTallies(own);
      const { p50, p90, p99, p999, max } = latencyOf(own, 'sinceDue');
      return { cells: [kind, formatCount(requests), formatCount(failed), ...[p50, p90, p99, p999, max].map(timeText)] };
    }),
  );
}

function asTable({ run, timeline }: View, { name }: FlowPlan, series: FlowSeries, flows: number): Html {
  const rows = shareOf(TABLE_ROWS, flows);
  return html`<details><summary>Over time, as a table</summary>${seriesTable(`Requests of ${clip(name, 80)} over time`, run.overTime.series, series, timeline.durationMs, rows)}</details>`;
}

function shareOf({ all, least, most }: typeof COLUMNS, flows: number): number {
  return Math.min(most, Math.max(least, Math.floor(all / flows)));
}
