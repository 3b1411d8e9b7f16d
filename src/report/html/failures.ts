import { FAILURE_CAUSES } from '../../model/outcome.js';
import type { Cell as Counts, Run } from '../../model/run.js';
import { sumTallies } from '../../model/tally.js';
import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import { phaseLabel } from '../summary.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import type { Section, View } from './view.js';

/** Which causes in which step: a deploy's fault has its signature here. */
export const causesSection: Section = {
  id: 'causes',
  nav: 'Failures',
  render: ({ summary }) => {
    const { phases, totals } = summary;
    const causes = FAILURE_CAUSES.filter((cause) => (totals.byError[cause] ?? 0) > 0);
    const statuses = Object.keys(totals.byStatus);
    const judged = phases.filter(({ phase }) => phase.judged);
    return html`<h2>Failures and status codes by step</h2>${
      causes.length === 0 && html`<p class="empty">No request failed.</p>`
    }${table(
      'Failures and status codes by step',
      [{ name: 'step' }, ...[...causes, ...statuses].map((name) => ({ name, number: true }))],
      judged.map(({ label, tally }) => ({
        tone: tally.failed > 0 ? ('hit' as const) : undefined,
        cells: [
          label,
          ...causes.map((cause) => formatCount(tally.byError[cause] ?? 0)),
          ...statuses.map((status) => formatCount(tally.byStatus[status] ?? 0)),
        ],
      })),
    )}`;
  },
};

/** Fresh and reused connections by flow and method: failures of a deploy hide in one cell. */
export const matrixSection: Section = {
  id: 'matrix',
  render: (view) => html`<h2>Fresh and reused connections by flow</h2>
<p>Fresh is the first request on its connection. Failed of sent, from the baseline on; the last two columns bound what each flow could still hide after the baseline.</p>${matrix(view)}`,
};

function matrix({ run, judgement, summary }: View): Html {
  const extra = (['blocked', 'cached'] as const).filter((kind) => summary.totals[kind] > 0);
  const rows = run.header.traffic.flows.map(({ name, method, path, weight, target }): Row => {
    const cells = run.cells.filter(({ flow }) => flow === name);
    const of = (connection: Counts['connection']) => sumTallies(cells.filter((cell) => cell.connection === connection));
    const stream = judgement.bound.streams.find((entry) => entry.name === name);
    const [fresh, reused] = [of('fresh'), of('reused')];
    return {
      tone: fresh.failed + reused.failed > 0 ? 'hit' : undefined,
      cells: [
        html`${name}<span class="sub">${method} ${clip(path, 60)}${target !== '' && html` at ${target}`}</span>`,
        weight,
        safe(method) ? 'safe' : 'unsafe',
        share(fresh.failed, fresh.requests),
        share(reused.failed, reused.requests),
        fresh.retryable + reused.retryable,
        ...extra.map((kind) => formatCount(fresh[kind] + reused[kind])),
        stream === undefined || stream.requests === 0 ? '' : `≤ ${formatShare(stream.failureRateUpper95)}`,
        stream === undefined || stream.requests === 0 ? '' : formatMs(stream.shortestDetectableOutageMs),
      ],
    };
  });
  const numbers = ['fresh: failed', 'reused: failed', 'retryable', ...extra, 'failure rate, 95 %', 'detectable outage'];
  return table(
    'Fresh and reused connections by flow',
    [
      { name: 'flow' },
      { name: 'weight', number: true },
      { name: 'method' },
      ...numbers.map((name) => ({ name, number: true })),
    ],
    rows,
  );
}

function share(failed: number, requests: number): Html | string {
  if (requests === 0) return '–';
  return html`${failed > 0 ? html`<strong class="bad">${formatCount(failed)}</strong>` : '0'} of ${formatCount(requests)}`;
}

function safe(method: string): boolean {
  return ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method.toUpperCase());
}

const MAX_LINES = 500;

/** What the steps printed, with what happened to users until the next line. */
export const outputSection: Section = {
  id: 'output',
  nav: 'Output',
  render: ({ run }) => {
    if (run.output.length === 0 && run.decisions.length === 0 && run.notes.length === 0) return null;
    const lines = linesOf(run);
    const kept = lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES / 2), ...lines.slice(-MAX_LINES / 2)];
    const hidden = lines.length - kept.length + run.outputDropped;
    return html`<h2>What the steps said</h2>
<p>Output, decisions and notes on the time axis of the run; “failed” counts the requests that failed before the next line.</p><div class="log">${table(
      'Output of the steps',
      [{ name: 'at' }, { name: 'step' }, { name: 'failed', number: true }, { name: 'line', wide: true }],
      kept.map(({ at, who, text, failed }) => ({
        tone: failed > 0 ? ('hit' as const) : undefined,
        cells: [
          html`<span class="n">${atSeconds(at)}</span>`,
          who,
          failed === 0 ? '' : formatCount(failed),
          html`<code>${clip(text, 600)}</code>`,
        ],
      })),
    )}</div>${hidden > 0 && html`<p class="more">${plural(hidden, 'line')} from the middle left out: all of them are in <code>steps/</code> beside this file.</p>`}`;
  },
};

interface Line {
  at: number;
  who: string;
  text: string;
  failed: number;
}

function linesOf(run: Run): Line[] {
  const lines: Line[] = [
    ...run.phases
      .map(({ startAt, command }, index) => ({
        at: startAt,
        who: phaseLabel(run.phases, index),
        text: command === null ? '' : `$ ${command}`,
        failed: 0,
      }))
      .filter(({ text }) => text !== ''),
    ...run.output.map(({ at, step, line }) => ({ at, who: step, text: line, failed: 0 })),
    ...run.decisions.map(({ at, cause, action, detail }) => ({
      at,
      who: 'decision',
      text: `${action} (${cause}): ${detail}`,
      failed: 0,
    })),
    ...run.notes.map(({ at, text }) => ({ at, who: 'note', text, failed: 0 })),
  ];
  lines.sort((a, b) => a.at - b.at);
  let next = 0;
  for (const bucket of run.buckets) {
    while (next < lines.length && (lines[next] as Line).at <= bucket.at) next++;
    const line = lines[next - 1];
    if (line !== undefined) line.failed += bucket.failed;
  }
  return lines;
}
