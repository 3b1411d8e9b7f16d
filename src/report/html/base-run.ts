import type { Comparison, FailureChange, LatencyChange, QuantileChange } from '../../model/comparison.js';
import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import { clip } from '../text.js';
import { type Html, html } from './html.js';
import { timeText } from './series-plot.js';
import { fill, num } from './svg-parts.js';
import { type Row, table } from './table.js';
import type { Section } from './view.js';

/** Rows and lines that are shown; `run.json` has all. */
const ROWS = 200;
const LINES = 50;
const BAR = { width: 120, height: 6, gap: 2 };

/** Against the earlier runs that were asked for; nothing where none was. */
export function baseRunSection(comparison: Comparison | null): Section {
  return {
    id: 'base-run',
    nav: 'Earlier runs',
    render: () => (comparison === null ? null : baseRunHtml(comparison)),
  };
}

function baseRunHtml(comparison: Comparison): Html {
  const { headline, reasons, notes, failures, control, latency, base, familyWiseErrorRate } = comparison;
  const rows = [...control, ...latency].filter(({ p99, p50 }) => p99.base !== null || p50.base !== null);
  return html`<h2>Against ${base.length === 1 ? 'the earlier run' : plural(base.length, 'earlier run')}</h2>
<p>${clip(headline, 400)}</p>${list(reasons.slice(1))}${failures.length > 0 && failureTable(failures)}${
    rows.length === 0
      ? html`<p class="empty">No latency could be compared.</p>`
      : html`${latencyTable(rows)}<p class="more">New less base with its 95 % interval; ~ where nothing can be said. Any false change: ${formatShare(familyWiseErrorRate)} of comparisons at most. The baseline comes first: what changed there is the machine or the load, not the release.</p>`
  }${list(notes)}${runsTable(comparison)}`;
}

function list(lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  const more = lines.length - LINES;
  return html`<ul class="method">${lines.slice(0, LINES).map((line) => html`<li>${clip(line, 400)}</li>`)}${more > 0 && html`<li>${formatCount(more)} more in <code>run.json</code></li>`}</ul>`;
}

const NOUN = { failed: 'failed', outage: 'outages', stall: 'stalls', breach: 'lost' } as const;

function failureTable(failures: readonly FailureChange[]): Html {
  const count = ({ count: found, requests, longestMs }: FailureChange['new']): string =>
    `${formatCount(found)}${requests > 0 ? ` of ${formatCount(requests)}` : ''}${longestMs === null ? '' : `, longest ${formatMs(longestMs)}`}`;
  return table(
    'Failures against earlier runs',
    [{ name: 'step' }, { name: 'what' }, { name: 'base', wide: true }, { name: 'this run' }, { name: 'change' }],
    failures.slice(0, ROWS).map(
      ({ kind, step, what, base, new: now, state, reason }): Row => ({
        tone: state === 'worse' ? 'hit' : undefined,
        cells: [
          clip(step, 100),
          `${NOUN[kind] ?? kind}${what === null ? '' : `: ${clip(what, 100)}`}`,
          base.slice(0, 10).map(count).join('; '),
          count(now),
          html`${state}<span class="sub">${clip(reason, 200)}</span>`,
        ],
      }),
    ),
  );
}

function latencyTable(rows: readonly LatencyChange[]): Html {
  return html`${table(
    'Latency against earlier runs',
    [
      { name: 'step' },
      { name: 'flow' },
      { name: 'p50 base', number: true },
      { name: 'p50', number: true },
      { name: 'p99 base', number: true },
      { name: 'p99', number: true },
      { name: 'p99, base above' },
      { name: 'p99, new less base', number: true },
      { name: 'change', wide: true },
    ],
    rows.slice(0, ROWS).map(latencyRow),
  )}${rows.length > ROWS && html`<p class="more">${formatCount(rows.length - ROWS)} more in <code>run.json</code>.</p>`}`;
}

function latencyRow({ step, role, flow, p50, p99 }: LatencyChange): Row {
  const slower = p50.state === 'slower' || p99.state === 'slower';
  return {
    tone: slower ? 'hit' : undefined,
    cells: [
      html`${clip(step, 100)}${role !== 'release' && html`<span class="sub">${role}</span>`}`,
      flow === null ? 'all' : clip(flow, 100),
      timeText(p50.base),
      timeText(p50.new),
      html`${timeText(p99.base)}${p99.baseRange !== null && html`<span class="sub">${formatMs(p99.baseRange[0])} to ${formatMs(p99.baseRange[1])}</span>`}`,
      timeText(p99.new),
      bars(p99),
      p99.interval95 === null ? '–' : `${signed(p99.interval95[0])} to ${signed(p99.interval95[1])}`,
      html`${changeText('p50', p50)}${changeText('p99', p99)}`,
    ],
  };
}

/** The base's above this run's, on one scale. */
function bars({ base, new: now, state }: QuantileChange): Html | string {
  if (base === null || now === null) return '–';
  const { width, height, gap } = BAR;
  const share = (ms: number) => num(Math.max(1, (width * ms) / Math.max(base, now, 0.001)));
  const colour = state === 'slower' ? 'bad' : state === 'faster' ? 'good' : 'accent';
  return html`<svg viewBox="0 0 ${width} ${2 * height + gap}" width="${width}" height="${2 * height + gap}" role="img" aria-label="base ${formatMs(base)}, this run ${formatMs(now)}"><rect width="${share(base)}" height="${height}" ${fill('strong')}/><rect y="${height + gap}" width="${share(now)}" height="${height}" ${fill(colour)}/></svg>`;
}

function signed(ms: number): string {
  return `${ms < 0 ? '−' : '+'}${formatMs(Math.abs(ms))}`;
}

function changeText(name: string, { state, reason }: QuantileChange): Html {
  return html`<span class="sub">${name} ${state}${reason !== '' && html`: ${clip(reason, 200)}`}</span>`;
}

function runsTable({ base }: Comparison): Html {
  return html`<details><summary>The earlier runs</summary>${table(
    'Earlier runs',
    [{ name: 'run' }, { name: 'started' }, { name: 'verdict' }, { name: 'release' }, { name: 'evidence' }],
    base.slice(0, ROWS).map(
      ({ runId, startedAt, verdict, release, healthy }): Row => ({
        cells: [clip(runId, 100), clip(startedAt, 40), verdict, clip(release, 40), healthy ? 'yes' : 'no'],
      }),
    ),
  )}</details>`;
}
