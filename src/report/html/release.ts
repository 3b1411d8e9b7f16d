import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import {
  actualText,
  boundOfPhase,
  CONFIDENCE_TEXT,
  change,
  limitText,
  STATE_MARK,
  STATE_TEXT,
  type ThresholdState,
} from '../judged.js';
import { stallIsOver } from '../summary.js';
import { atSeconds, clip } from '../text.js';
import { plainRow, type ThresholdRow, thresholdRows } from '../threshold-rows.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import { versionShares } from './version-shares.js';
import { phaseLink, placeOf, type Section, type View, zoomHash } from './view.js';

export const findingsSection: Section = {
  id: 'findings',
  nav: 'Findings',
  render: (view) =>
    view.judgement.findings.length === 0
      ? null
      : html`<h2>Findings</h2>${view.judgement.findings.map(
          ({ rule, severity, phase, claim, evidence, remedy, confidence, runnerUp }) =>
            html`<div class="finding ${severity}"><p class="claim">${claim} <span>${severity}${phase !== '' && html` in ${phaseLink(view, phase)}`} · ${rule}${confidence !== undefined && html` · ${CONFIDENCE_TEXT[confidence]}`}</span></p>${
              evidence.length > 0 && html`<ul>${evidence.map((line) => html`<li>${line}</li>`)}</ul>`
            }${remedy !== '' && html`<p class="remedy"><b>Remedy</b> ${remedy}</p>`}${
              runnerUp != null &&
              html`<p class="remedy"><b>Or else</b> ${runnerUp.claim} <span>${runnerUp.rule}</span></p>`
            }</div>`,
        )}`,
};

const STATE_TONE: Record<ThresholdState, string> = {
  kept: 'good',
  partly: 'unsure',
  noise: 'unsure',
  crossed: 'bad',
  warning: 'unsure',
  doubtful: 'unsure',
  unproven: 'unsure',
  silent: 'unsure',
};

export const thresholdsSection: Section = {
  id: 'thresholds',
  nav: 'Thresholds',
  render: ({ judgement: { thresholds } }) => {
    const rows = thresholdRows(thresholds);
    const folded = thresholds.length - rows.length;
    return html`<h2>Thresholds</h2>${
      thresholds.length === 0 ? html`<p class="empty">No threshold was judged.</p>` : thresholdTable('Thresholds', rows)
    }${
      folded > 0 &&
      html`<details><summary>All ${thresholds.length} rows, with the ${plural(folded, 'row')} of steps that kept a threshold</summary>${thresholdTable(
        'Thresholds in every step',
        thresholds.map(plainRow),
      )}</details>`
    }`;
  },
};

function thresholdTable(caption: string, rows: readonly ThresholdRow[]): Html {
  const columns = [
    { name: 'threshold' },
    { name: 'state' },
    { name: 'where' },
    { name: 'measured', number: true },
    { name: 'limit', number: true },
    { name: 'level' },
    { name: 'note', wide: true },
  ];
  return table(caption, columns, rows.map(thresholdRow));
}

function thresholdRow({ threshold, state, note }: ThresholdRow): Row {
  return {
    tone: state === 'crossed' ? 'hit' : state === 'kept' || state === 'partly' ? undefined : 'warn',
    cells: [
      html`<code>${threshold.name}: ${threshold.expression}</code>`,
      html`<span class="state ${STATE_TONE[state]}">${STATE_MARK[state]} ${STATE_TEXT[state]}</span>`,
      threshold.phase,
      actualText(threshold),
      limitText(threshold),
      html`${threshold.level}${threshold.origin === 'default' && html` <span class="sub">default</span>`}`,
      note,
    ],
  };
}

export const stepsSection: Section = {
  id: 'steps',
  nav: 'Steps',
  render: (view) => html`<h2>Steps</h2>
<p>Requests count for the step in which they ended. “Could hide” is the bound of that step: the highest failure rate (95 %) and the longest outage that could have gone unseen.</p>${stepTable(view)}`,
};

function stepTable({ summary, judgement }: View): Html {
  const { phases, notReached, baseline } = summary;
  const rows = phases.map((entry): Row => {
    const { phase, label, tally, latency } = entry;
    const bound = boundOfPhase(judgement, summary, entry);
    const broken = ['failed', 'timeout', 'not-ready', 'stopped'].includes(phase.outcome ?? '');
    const causes = Object.entries(tally.byError).map(([cause, count]) => `${formatCount(count)} ${cause}`);
    return {
      tone: tally.failed > 0 || broken ? 'hit' : tally.unsent + tally.blocked > 0 ? 'warn' : undefined,
      cells: [
        html`${label}${phase.kind !== phase.name && phase.kind !== 'custom' && html`<span class="sub">${phase.kind}</span>`}`,
        html`${phase.outcome ?? (phase.kind === 'baseline' ? '' : 'unfinished')}${phase.detail !== '' && html`<span class="sub">${clip(phase.detail, 200)}</span>`}`,
        phase.signal ?? phase.exitCode,
        phase.commandMs === null ? '' : formatMs(phase.commandMs),
        phase.readyMs === null ? (phase.outcome === 'not-ready' ? 'never' : '') : formatMs(phase.readyMs),
        formatMs(phase.endAt - phase.startAt),
        phase.judged
          ? html`${formatCount(tally.requests)}${tally.blocked > 0 && html`<span class="sub">${formatCount(tally.blocked)} blocked</span>`}`
          : '',
        phase.judged
          ? html`${formatCount(tally.failed)}${causes.length > 0 && html`<span class="sub">${causes.join(', ')}</span>`}`
          : '',
        latency.p99 === null ? '' : formatMs(latency.p99),
        phase.kind === 'baseline' ? '' : change(latency.p99, baseline.p99),
        bound === null || bound.requests === 0
          ? ''
          : html`${formatShare(bound.failureRateUpper95)}<span class="sub">${formatMs(bound.shortestDetectableOutageMs)}</span>`,
      ],
    };
  });
  for (const { name, kind } of notReached) {
    rows.push({
      tone: 'warn',
      cells: [html`${name}<span class="sub">${kind}</span>`, 'not reached', ...new Array<string>(9).fill('')],
    });
  }
  const numbers = ['exit', 'command', 'ready after', 'in all', 'requests', 'failed', 'p99', 'change', 'could hide'];
  return table(
    'Steps',
    [{ name: 'step' }, { name: 'outcome' }, ...numbers.map((name) => ({ name, number: true }))],
    rows,
  );
}

export const outagesSection: Section = {
  id: 'outages',
  nav: 'Outages',
  render: (view) => {
    const { run } = view;
    const none = run.outages.length === 0 && run.stalls.length === 0;
    return html`<h2>Outages and stalls</h2>
<p>An outage lasts from a flow's first failure to its next success; a stall from the due time of the oldest unanswered request to the next success. Offsets are from the start of the step's command.</p>${
      none
        ? html`<p class="empty">None: no flow failed, and none waited half the stall limit.</p>`
        : table(
            'Outages and stalls',
            [
              { name: 'from' },
              { name: 'what' },
              { name: 'for', number: true },
              { name: 'step', wide: true },
              { name: 'failed', number: true },
              { name: 'by cause' },
              { name: 'first and last failure', wide: true },
              { name: 'flows', wide: true },
            ],
            [
              ...run.outages.map((outage) => outageRow(view, outage)),
              ...run.stalls.map((stall) => stallRow(view, stall)),
            ],
          )
    }`;
  },
};

function outageRow({ run, timeline }: View, outage: View['run']['outages'][number]): Row {
  const { first, last } = outage;
  const detail = ({ outcome, seq }: typeof first) => `${'detail' in outcome ? outcome.detail : outcome.kind} (#${seq})`;
  return {
    tone: 'hit',
    cells: [
      html`<a href="#${zoomHash(outage.startAt, outage.endAt, timeline.durationMs)}">${atSeconds(outage.startAt)}</a><span class="sub">to ${atSeconds(outage.endAt)}</span>`,
      html`outage<span class="sub">${outage.kind}${!outage.recovered && ', not recovered'}</span>`,
      formatMs(outage.durationMs),
      placeOf(run, outage.phase, outage.startAt),
      formatCount(outage.failed),
      Object.entries(outage.byError)
        .map(([cause, count]) => `${formatCount(count)} ${cause}`)
        .join(', '),
      html`${clip(detail(first), 160)}${last.seq !== first.seq && html`<span class="sub">${clip(detail(last), 160)}</span>`}`,
      clip(outage.streams.join(', '), 300),
    ],
  };
}

function stallRow({ run, timeline }: View, stall: View['run']['stalls'][number]): Row {
  const over = stallIsOver(run, stall);
  return {
    tone: over ? 'hit' : undefined,
    cells: [
      html`<a href="#${zoomHash(stall.startAt, stall.endAt, timeline.durationMs)}">${atSeconds(stall.startAt)}</a><span class="sub">to ${atSeconds(stall.endAt)}</span>`,
      html`stall<span class="sub">${over ? 'over the limit' : 'within the limit'}${!stall.recovered && ', not recovered'}</span>`,
      formatMs(stall.durationMs),
      placeOf(run, stall.phase, stall.startAt),
      '',
      stall.harnessMs > 0 ? `${formatMs(stall.harnessMs)} of it the harness stood still` : '',
      '',
      clip(stall.streams.join(', '), 300),
    ],
  };
}

export const versionsSection: Section = {
  id: 'versions',
  render: ({ run, judgement }) => {
    if (run.versions.length === 0) {
      return html`<h2>Versions</h2><p class="empty">No version was read from the answers${run.header.version.declared ? '' : ': the scenario declares none, so that the change is not verified'}.</p>`;
    }
    const state = judgement.changeVerified;
    return html`<h2>Versions</h2>
<p>${state === true ? 'The version was seen to change.' : state === false ? 'The version was not seen to change as it should.' : 'The change of version is not verified.'} ${
      run.versionOverlapMs > 0
        ? `Two versions answered side by side for ${formatMs(run.versionOverlapMs)}.`
        : 'No two versions answered side by side.'
    }</p>${table(
      'Versions',
      [
        { name: 'version' },
        { name: 'first answer', number: true },
        { name: 'last answer', number: true },
        { name: 'requests', number: true },
        { name: 'failed', number: true },
      ],
      run.versions.map(({ version, firstAt, lastAt, requests, failed }) => ({
        tone: failed > 0 ? ('hit' as const) : undefined,
        cells: [clip(version, 80), atSeconds(firstAt), atSeconds(lastAt), formatCount(requests), formatCount(failed)],
      })),
    )}${versionShares(run, judgement)}${run.idleClosed.length > 0 && html`<p class="more">${plural(run.idleClosed.length, 'pooled connection')} closed by the server while idle, without notice.</p>`}`;
  },
};
