import type { Run } from '../model/run.js';
import { formatCount, formatMs, plural } from '../model/units.js';
import type { Judgement } from '../model/verdict.js';
import { detectabilityLine } from './detectability-values.js';
import {
  actualText,
  boundText,
  CONFIDENCE_TEXT,
  causeText,
  change,
  furtherReasons,
  likelyCause,
  limitText,
  STATE_MARK,
  STATE_TEXT,
  servesText,
  VERDICT_MARK,
  VERDICT_TEXT,
} from './judged.js';
import { lockLines } from './locks.js';
import { sqlMarkdown } from './migrations-text.js';
import { oldChecksTable } from './old-checks-text.js';
import type { Output } from './output.js';
import { lostBesideMix, probeLines } from './probes.js';
import { exitText, gateText, rehearsalText, releaseText } from './release-text.js';
import { phaseLabel, type Summary, stallIsOver, summarize } from './summary.js';
import { hookLines, releaseFact } from './surroundings.js';
import { atSeconds, clip, sparkline } from './text.js';
import { thresholdRows } from './threshold-rows.js';
import { watchSummaries } from './watch.js';

/** Short enough for a job summary and, well under 60 kB, for a comment. */
export const markdown: Output = {
  name: 'md',
  file: 'summary.md',
  render: (run, judgement) => renderMarkdown(run, judgement),
};

const MAX_ROWS = 40;
const SPARK_WIDTH = 80;

/** GitHub's Markdown without images: its job summary shows no `data:` ones. */
export function renderMarkdown(run: Run, judgement: Judgement): string {
  const summary = summarize(run);
  const parts = [
    head(run, judgement, summary),
    sparks(run),
    thresholds(judgement),
    steps(summary, judgement),
    outages(run),
    probes(run),
    sqlMarkdown(run, inert),
    locks(run, judgement),
    watched(run),
    findings(judgement),
    inert(detectabilityLine(judgement.detectability) ?? '', 300),
    oldChecksTable(judgement.oldChecks, inert),
    foot(run, judgement),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function head(run: Run, judgement: Judgement, { afterBaseline, totals }: Summary): string {
  const { verdict, exitCode } = judgement;
  const rehearsed = rehearsalText(run, judgement);
  const reasons = furtherReasons(judgement);
  const cause = likelyCause(judgement);
  const fact = releaseFact(run, judgement);
  const beside = lostBesideMix(run);
  const { failed, requests } = afterBaseline.tally;
  return [
    `## ${VERDICT_MARK[verdict]} ${VERDICT_TEXT[verdict]}: ${inert(run.header.scenario.name, 120)}`,
    '',
    inert(judgement.headline, 600),
    '',
    ...(cause === null ? [] : [`**Likely cause** ${inert(cause.claim, 300)} (${inert(cause.about, 100)})`, '']),
    ...(run.cut ? ['**The run was cut**: its record has no end, what follows is all but the last second.', ''] : []),
    `- **Release** ${releaseText(run, judgement)}; ${inert(servesText(judgement), 200)}`,
    ...(rehearsed === null ? [] : [`- **Live** ${inert(rehearsed, 300)}`]),
    `- **Users** ${formatCount(failed)} of ${formatCount(requests)} requests${beside.length === 0 ? '' : ' of the mix'} failed after the baseline;${beside.map((text) => ` ${text};`).join('')} ${boundText(judgement.bound, (name) => inert(name))}; no outage of ${formatMs(judgement.bound.shortestDetectableOutageMs)} or more could have been missed`,
    `- **Gate** ${gateText(judgement)}, exit code ${exitCode}: ${inert(exitText(run, judgement), 400)}${judgement.changeVerified === null ? '; the change of version is not verified' : ''}`,
    ...(fact === null ? [] : [`- **${fact.label}** ${inert(fact.text, 200)}`]),
    ...(exitCode === 95 && run.header.scenario.runbook !== null
      ? [`- **Act by hand** ${inert(run.header.scenario.runbook, 400)}`]
      : []),
    ...run.requirements
      .filter(({ ok }) => !ok)
      .map(({ what, detail }) => `- **Required** ${inert(`${what}: ${detail}`, 300)}`),
    ...hookLines(run.hooks).map((line) => `- ${inert(line, 300)}`),
    ...(totals.blocked > 0
      ? [`- **Blocked** ${plural(totals.blocked, 'request')}: a rate limiter or firewall answered`]
      : []),
    ...(totals.cached > 0 ? [`- **Cached** ${plural(totals.cached, 'answer')}: a cache gave them, not the app`] : []),
    ...(totals.unsent > 0 ? [`- **Unsent** ${plural(totals.unsent, 'request')}: the harness did not send them`] : []),
    ...(reasons.length > 0 ? ['', ...reasons.slice(0, MAX_ROWS).map((reason) => `> ${inert(reason, 400)}  `)] : []),
  ].join('\n');
}

function sparks({ buckets, durationMs }: Run): string {
  if (buckets.length === 0) return '';
  const seconds = Math.max(1, Math.ceil(durationMs / 1000));
  const failures = new Array<number>(seconds).fill(0);
  const p99 = new Array<number | null>(seconds).fill(null);
  for (const bucket of buckets) {
    const second = Math.min(seconds - 1, Math.floor(bucket.at / 1000));
    failures[second] = (failures[second] ?? 0) + bucket.failed;
    if (bucket.p99Ms !== null) p99[second] = Math.max(p99[second] ?? 0, bucket.p99Ms);
  }
  const worst = Math.max(0, ...p99.map((ms) => ms ?? 0));
  return [
    '```text',
    `failed/s  ${sparkline(failures, SPARK_WIDTH)}  most ${Math.max(...failures)}`,
    `p99 ms    ${sparkline(p99, SPARK_WIDTH)}  most ${formatMs(worst)}`,
    `          0 s${' '.repeat(Math.max(1, sparkline(failures, SPARK_WIDTH).length - 9))}${atSeconds(durationMs)}`,
    '```',
  ].join('\n');
}

function thresholds({ thresholds: all }: Judgement): string {
  if (all.length === 0) return '';
  const rows = thresholdRows(all).map(({ threshold, state, note }) => [
    `${STATE_MARK[state]} ${STATE_TEXT[state]}`,
    `<code>${inert(`${threshold.name}: ${threshold.expression}`, 120)}</code>`,
    inert(threshold.phase),
    actualText(threshold),
    limitText(threshold),
    inert([threshold.level, note].filter((text) => text !== '').join('; '), 600),
  ]);
  return `### Thresholds\n\n${table(['state', 'threshold', 'where', 'measured', 'limit', 'level and note'], '<<<>><', rows)}`;
}

function steps(summary: Summary, judgement: Judgement): string {
  const { phases, notReached, baseline } = summary;
  const rows = phases.map((entry) => {
    const { phase, label, tally, latency } = entry;
    return [
      inert(label),
      inert(phase.outcome ?? ''),
      phase.signal !== null ? inert(phase.signal) : (phase.exitCode?.toString() ?? ''),
      phase.commandMs === null ? '' : formatMs(phase.commandMs),
      phase.readyMs === null ? '' : formatMs(phase.readyMs),
      phase.judged ? formatCount(tally.requests) : '',
      !phase.judged ? '' : tally.failed === 0 ? '0' : `**${formatCount(tally.failed)}**`,
      latency.p99 === null ? '' : formatMs(latency.p99),
      phase.kind === 'baseline' ? '' : change(latency.p99, baseline.p99),
      inert(causeText(judgement, summary, entry), 160),
    ];
  });
  for (const { name } of notReached) rows.push([inert(name), 'not reached', ...new Array<string>(8).fill('')]);
  const columns = [
    'step',
    'outcome',
    'exit',
    'took',
    'ready after',
    'requests',
    'failed',
    'p99',
    'change',
    'likely cause',
  ];
  return `### Steps\n\n${table(columns, '<<>>>>>>><', rows)}`;
}

function outages(run: Run): string {
  if (run.outages.length === 0 && run.stalls.length === 0) return '';
  const place = (index: number, at: number) => {
    const phase = run.phases[index];
    return phase === undefined
      ? ''
      : `${inert(phaseLabel(run.phases, index))} +${((at - phase.startAt) / 1000).toFixed(2)} s`;
  };
  const rows = [
    ...run.outages.map((outage) => [
      `outage (${outage.kind})`,
      atSeconds(outage.startAt),
      `${formatMs(outage.durationMs)}${outage.recovered ? '' : ', not recovered'}`,
      place(outage.phase, outage.startAt),
      formatCount(outage.failed),
      inert(
        Object.entries(outage.byError)
          .map(([cause, count]) => `${count} ${cause}`)
          .join(', '),
      ),
      inert(outage.streams.join(', '), 160),
    ]),
    ...run.stalls.map((stall) => [
      `stall${stallIsOver(run, stall) ? '' : ' (within the limit)'}`,
      atSeconds(stall.startAt),
      `${formatMs(stall.durationMs)}${stall.recovered ? '' : ', not recovered'}`,
      place(stall.phase, stall.startAt),
      '',
      '',
      inert(stall.streams.join(', '), 160),
    ]),
  ];
  return `### Outages and stalls\n\n${table(['', 'at', 'for', 'step', 'failed', 'causes', 'flows'], '<>><><<', rows)}`;
}

function probes(run: Run): string {
  const lines = probeLines(run);
  return lines.length === 0 ? '' : `### Probes\n\n${lines.map(({ text }) => `- ${inert(text, 400)}`).join('\n')}`;
}

function locks(run: Run, judgement: Judgement): string {
  const lines = lockLines(run, judgement).slice(0, MAX_ROWS);
  return lines.length === 0 ? '' : `### Locks\n\n${lines.map((line) => `- ${inert(line, 500)}`).join('\n')}`;
}

function watched(run: Run): string {
  const all = watchSummaries(run);
  if (all.length === 0) return '';
  const lines = all
    .slice(0, MAX_ROWS)
    .map(
      ({ watch, kind, texts }) => `- **${inert(watch.name, 100)}** (${inert(kind)}): ${inert(texts.join('; '), 400)}`,
    );
  return `### Watched\n\n${lines.join('\n')}`;
}

function findings({ findings: all }: Judgement): string {
  if (all.length === 0) return '';
  const items = all.slice(0, MAX_ROWS).map(({ severity, phase, claim, evidence, remedy, confidence, runnerUp }) => {
    const proof = evidence.slice(0, 3).map((line) => `\n  - ${inert(line, 240)}`);
    const sure = confidence === undefined ? '' : ` (${CONFIDENCE_TEXT[confidence]})`;
    const fix = remedy === '' ? '' : `\n  - Remedy: ${inert(remedy, 600)}`;
    const other = runnerUp == null ? '' : `\n  - Or else: ${inert(runnerUp.claim, 300)}`;
    return `- **${severity}**${phase === '' ? '' : ` in ${inert(phase)}`}: ${inert(claim, 400)}${sure}${proof.join('')}${fix}${other}`;
  });
  return `### Findings\n\n${items.join('\n')}`;
}

function foot({ header, durationMs }: Run, judgement: Judgement): string {
  const { runId, target, startedAt, tool, traffic } = header;
  return `<sub>${inert(runId)} · ${inert(target.url, 200)} · ${traffic.ratePerSec}/s for ${formatMs(durationMs)} · ${inert(startedAt)} · zdd-verify ${inert(tool.version)} · details in report.html</sub>\n\n${inert(servesText(judgement), 200)}`;
}

function table(columns: readonly string[], align: string, rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = [...align].map((side) => (side === '>' ? '---:' : '---'));
  const more = rows.length > MAX_ROWS ? [`\n${plural(rows.length - MAX_ROWS, 'more row')} in report.html`] : [];
  return [line(columns), line(rule), ...rows.slice(0, MAX_ROWS).map(line), ...more].join('\n');
}

/** Text as text: no HTML, no emphasis, no link, no mention, no table cell. */
function inert(text: string, max = 80): string {
  return clip(text, max).replace(/[\\`*_{}[\]()#+!|~$<>&@-]|:(?=\/\/)|(?<=www)\./gi, (found) =>
    /[<>&@:.]/.test(found) ? `&#${found.charCodeAt(0)};` : `\\${found}`,
  );
}
