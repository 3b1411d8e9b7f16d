import {
  REQUEST_FATES,
  type Reconciliation,
  type RepeatedRequest,
  type RequestFate,
} from '../../model/reconciliation.js';
import { formatCount } from '../../model/units.js';
import type { Judgement } from '../../model/verdict.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html } from './html.js';
import { facts, type Row, table } from './table.js';
import { placeOf, type Section, type View } from './view.js';

const LISTED = 60;

const FATE_TEXT: Record<RequestFate, string> = {
  'never-arrived': 'never arrived',
  error: 'answered with an error',
  'given-up': 'the client was gone first',
  answered: 'arrived and answered',
  arrived: 'arrived, answer not told',
  unknown: 'unknown',
};

/** Failed requests held against the logs that name each request; nothing where no log was asked for them. */
export const reconciliationSection: Section = {
  id: 'logs',
  nav: 'Logs',
  render: ({ run, judgement }) => reconciled(run, judgement),
};

function reconciled(run: View['run'], { reconciliation: found }: Judgement): Html | null {
  if (found.length === 0) return null;
  return html`<h2>Requests in the logs</h2>${found.map((each) => side(run, each))}`;
}

function side(run: View['run'], each: Reconciliation): Html {
  const { logs, named, answered, doubts, failed, fates, requests, retried, repeated, repeatDoubts } = each;
  const certain =
    doubts.length === 0
      ? html`<p>The log names every request that was answered: a failed one that it does not name never arrived.</p>`
      : html`<p>What the log does not name may have come all the same:</p><ul>${doubts.map((doubt) => html`<li>${clip(doubt, 300)}</li>`)}</ul>`;
  return html`<h3>${each.side === 'proxy' ? 'At the proxy' : 'At the app'}</h3>${certain}${facts([
    ['Log', clip(logs.join(', '), 300)],
    ['Requests it names', `${formatCount(named)}, and ${formatCount(answered)} were answered`],
    ['Failed after the baseline', formatCount(failed)],
    ...REQUEST_FATES.filter((fate) => fates[fate] > 0).map(
      (fate) => [FATE_TEXT[fate], formatCount(fates[fate])] as const,
    ),
    ['Tried more than once', formatCount(retried.length)],
    [each.side === 'app' ? 'Executed more than once' : 'Reached more than one server', formatCount(repeated.length)],
  ])}${repeatDoubts.length > 0 && html`<ul>${repeatDoubts.map((doubt) => html`<li>${clip(doubt, 300)}</li>`)}</ul>`}${
    requests.length > 0 && failedTable(run, requests)
  }${repeatTable(run, 'Tried more than once', retried)}${
    each.side === 'app' ? repeatTable(run, 'Executed more than once', repeated) : null
  }`;
}

function failedTable(run: View['run'], requests: Reconciliation['requests']): Html {
  const rows = requests.slice(0, LISTED).map(
    ({ seq, flow, endedAt, phase, met, fate, status }): Row => ({
      tone: fate === 'unknown' ? 'warn' : undefined,
      cells: [
        `#${seq}`,
        atSeconds(endedAt),
        placeOf(run, phase, endedAt),
        clip(flow, 60),
        met,
        FATE_TEXT[fate],
        status,
      ],
    }),
  );
  return html`<details><summary>Failed requests</summary>${table(
    'Failed requests by their fate',
    [
      { name: 'request' },
      { name: 'at' },
      { name: 'step', wide: true },
      { name: 'flow' },
      { name: 'met' },
      { name: 'fate' },
      { name: 'status in the log', number: true },
    ],
    rows,
  )}${requests.length > rows.length && html`<p class="more">${requests.length - rows.length} more in <code>run.json</code>.</p>`}</details>`;
}

function repeatTable(run: View['run'], caption: string, requests: readonly RepeatedRequest[]): Html | null {
  if (requests.length === 0) return null;
  const rows = requests.slice(0, LISTED).map(({ seq, at, method, unsafe, tries, connected, failed }): Row => {
    const index = run.phases.findLastIndex(({ startAt }) => startAt <= at);
    return {
      tone: unsafe === true ? 'hit' : undefined,
      cells: [
        `#${seq}`,
        atSeconds(at),
        placeOf(run, index, at),
        clip(method ?? '', 10),
        tries === 0 ? null : tries,
        connected,
        failed ? 'yes' : 'no',
      ],
    };
  });
  return html`<details><summary>${caption}</summary>${table(
    caption,
    [
      { name: 'request' },
      { name: 'at' },
      { name: 'step', wide: true },
      { name: 'method' },
      { name: 'tries', number: true },
      { name: 'had a connection', number: true },
      { name: 'failed' },
    ],
    rows,
  )}${requests.length > rows.length && html`<p class="more">${requests.length - rows.length} more.</p>`}</details>`;
}
