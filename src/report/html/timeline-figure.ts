import { formatCount, formatMs } from '../../model/units.js';
import { timelineChart, type XY } from '../chart.js';
import { PALETTE } from '../palette.js';
import { atSeconds } from '../text.js';
import { type Timeline, widen } from '../timeline.js';
import { type Html, html, scriptJson } from './html.js';
import { listedWaits, waitLength } from './locks.js';
import { patternDefs, timelineSvg } from './svg.js';
import { table } from './table.js';
import { legendMark, legendMarkWidth, legendOf } from './timeline-legend.js';
import { type Section, type View, zoomHash } from './view.js';

const TABLE_ROWS = 300;

export const timelineSection: Section = {
  id: 'timeline',
  nav: 'Timeline',
  render: (view) => html`${[...anchorsOf(view)].map((id) => html`<span id="${id}"></span>`)}<h2>Timeline</h2>
<p>Failures, latency and the version that answered, on one axis with the phases of the release.</p>
${patternDefs(view.timeline)}<figure id="timeline-figure">${TOOLS}${timelineSvg(view.timeline, { width: 1160, className: 'wide' })}${timelineSvg(view.timeline, { width: 400, className: 'narrow' })}<div class="stage" tabindex="0" role="group" aria-label="Timeline: arrow keys move, plus and minus zoom, Escape shows the whole run"><canvas role="img" aria-label="Timeline; the same figures are in the table below"></canvas></div>${legend(view.timeline)}</figure>
<details><summary>The timeline as a table</summary>${dataTable(view.timeline)}</details>`,
};

/** Where scripts run: what the pointer and the keys do, and buttons for those who have neither at hand. */
const TOOLS = html`<div class="tools"><span>Seconds of the run<span class="hint">; drag to zoom, Shift-drag or arrow keys to move, + and −, Escape or double-click for all of it</span></span><span class="buttons"><button type="button" data-do="earlier" aria-label="Earlier">←</button><button type="button" data-do="later" aria-label="Later">→</button><button type="button" data-do="closer" aria-label="Zoom in">+</button><button type="button" data-do="wider" aria-label="Zoom out">−</button><button type="button" data-do="whole">Whole run</button></span></div>`;

/** Places that links lead to where no script runs: each window that some section links. */
function anchorsOf({ run, timeline, judgement }: View): Set<string> {
  const windows = [
    ...[...run.outages, ...run.stalls].map(({ startAt, endAt }) => [startAt, endAt] as const),
    ...run.phases.map(({ startAt, endAt }) => [startAt, endAt] as const),
    ...listedWaits(judgement.locks?.waits ?? []).map((wait) => [wait.since, wait.since + waitLength(wait)] as const),
  ];
  return new Set(windows.map(([from, to]) => zoomHash(from, to, timeline.durationMs)));
}

/** The data block that Chart.js draws from, packed: series over the same times share them. */
export function timelineData(timeline: Timeline): Html {
  const chart = timelineChart(timeline);
  const axes: number[][] = [];
  const known = new Map<string, number>();
  const pack = (data: readonly XY[]) => {
    const xs = data.map(({ x }) => x);
    const key = xs.join();
    const axis = known.get(key) ?? axes.push(xs) - 1;
    known.set(key, axis);
    return { axis, y: data.map(({ y }) => y) };
  };
  const datasets = chart.data.datasets.map((dataset) => ({ ...dataset, data: pack(dataset.data) }));
  const { columns } = timeline;
  const short = (ms: number | null) => (ms === null ? null : Number(ms.toPrecision(3)));
  return scriptJson({
    chart: { ...chart, data: { datasets } },
    axes,
    dark: Object.fromEntries(Object.values(PALETTE)),
    columns: {
      at: columns.map(({ at }) => at),
      requests: columns.map(({ requests }) => requests),
      failed: columns.map(({ failed }) => failed),
      p50: columns.map(({ p50Ms }) => short(p50Ms)),
      p99: columns.map(({ p99Ms }) => short(p99Ms)),
      max: columns.map(({ maxMs }) => short(maxMs)),
    },
    bands: timeline.bands.map(({ label, from, to }) => ({ label, from: from / 1000, to: to / 1000 })),
    forMs: columns[0]?.forMs ?? 100,
    durationMs: timeline.durationMs,
  });
}

/** What the chart shows, and by which mark; entries with a series can be hidden where scripts run. */
function legend(timeline: Timeline): Html {
  const items = legendOf(timeline).map((entry) => {
    const { text, series } = entry;
    const size = legendMarkWidth(entry);
    return html`<li${series !== undefined && html` data-series="${series}"`}><svg width="${size}" height="10" aria-hidden="true">${legendMark(entry)}</svg>${text}</li>`;
  });
  return html`<ul class="legend">${items}</ul>`;
}

function dataTable(timeline: Timeline): Html {
  const columns = widen(timeline, TABLE_ROWS);
  const forMs = columns[0]?.forMs ?? 100;
  const ms = (value: number | null) => (value === null ? '–' : formatMs(value));
  return table(
    'Timeline',
    [
      { name: `each ${formatMs(forMs)} from` },
      { name: 'phase' },
      { name: 'requests', number: true },
      { name: 'failed', number: true },
      { name: 'p50', number: true },
      { name: 'p99', number: true },
      { name: 'slowest', number: true },
      ...timeline.versions.map((version) => ({ name: version, number: true })),
    ],
    columns.map((column) => ({
      tone: column.failed > 0 ? ('hit' as const) : undefined,
      cells: [
        atSeconds(column.at),
        timeline.bands.find(({ from, to }) => column.at + forMs / 2 >= from && column.at + forMs / 2 < to)?.label ?? '',
        formatCount(column.requests),
        formatCount(column.failed),
        ms(column.p50Ms),
        ms(column.p99Ms),
        ms(column.maxMs),
        ...column.byVersion.map(formatCount),
      ],
    })),
  );
}
