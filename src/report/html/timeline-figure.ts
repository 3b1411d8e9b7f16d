import { formatCount, formatMs } from '../../model/units.js';
import { timelineChart, type XY } from '../chart.js';
import {
  CAUSE_HATCH,
  type ColourName,
  type Hatch,
  PALETTE,
  PART_HATCH,
  versionColour,
  versionHatch,
} from '../palette.js';
import { atSeconds } from '../text.js';
import { type Timeline, widen } from '../timeline.js';
import { type Html, html, scriptJson } from './html.js';
import { patternDefs, timelineSvg } from './svg.js';
import { fill } from './svg-parts.js';
import { table } from './table.js';
import { type Section, zoomHash } from './view.js';

const TABLE_ROWS = 300;

export const timelineSection: Section = {
  id: 'timeline',
  nav: 'Timeline',
  render: ({
    run,
    timeline,
  }) => html`${[...run.outages, ...timeline.stalls].map(({ startAt, endAt }) => html`<span id="${zoomHash(startAt, endAt, timeline.durationMs)}"></span>`)}<h2>Timeline</h2>
<p>Failures, latency and the version that answered, on one axis with the phases of the release.</p>
${patternDefs(timeline)}<figure id="timeline-figure"><div class="tools"><span>Seconds of the run<span class="hint">; drag to zoom, double-click for all of it</span></span><button type="button" hidden>Show the whole run</button></div>${timelineSvg(timeline, { width: 1160, className: 'wide' })}${timelineSvg(timeline, { width: 400, className: 'narrow' })}<div class="stage"><canvas role="img" aria-label="Timeline; the same figures are in the table below"></canvas><div class="brush"></div><div class="tip"></div></div>${legend(timeline)}</figure>
<details><summary>The timeline as a table</summary>${dataTable(timeline)}</details>`,
};

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

function legend(timeline: Timeline): Html {
  const swatch = (name: ColourName, hatch: Hatch, text: string) =>
    html`<li><svg width="16" height="10" aria-hidden="true"><rect width="16" height="10" rx="1.5" ${fill(name, hatch)}/></svg>${text}</li>`;
  const line = (name: ColourName, text: string, dash: string) =>
    html`<li><svg width="18" height="10" aria-hidden="true"><path d="M0 5H18" class="s-${name}" stroke="${PALETTE[name][0]}" stroke-width="2" stroke-dasharray="${dash}"/></svg>${text}</li>`;
  const parts = (['command', 'readiness', 'hold'] as const).filter((part) =>
    timeline.bands.some((band) => band.parts.some((entry) => entry.part === part)),
  );
  return html`<ul class="legend">${parts.map((part) => swatch(part, PART_HATCH[part], part))}${timeline.causes.map((cause) => swatch(cause, CAUSE_HATCH[cause], cause))}${
    timeline.retryable && swatch('retryable', CAUSE_HATCH.retryable, 'retryable')
  }${timeline.locks.length > 0 && swatch('lock', 'solid', 'waits for locks')}${line('p50', 'p50', '4 2')}${line('p99', 'p99', '')}${swatch('range', 'solid', 'fastest to slowest')}${timeline.versions.map((version, i) => swatch(versionColour(i), versionHatch(i), version))}</ul>`;
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
