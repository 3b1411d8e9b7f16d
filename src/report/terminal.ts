import type { Run } from '../model/run.js';
import { formatCount, formatMs, plural } from '../model/units.js';
import type { Judgement, Verdict } from '../model/verdict.js';
import {
  actualText,
  boundText,
  causeText,
  change,
  furtherReasons,
  likelyCause,
  limitText,
  STATE_MARK,
  STATE_TEXT,
  servesText,
  type ThresholdState,
  VERDICT_MARK,
  VERDICT_TEXT,
} from './judged.js';
import { type Severity, sqlLines } from './migrations-text.js';
import { lostBesideMix, probeLines } from './probes.js';
import { exitText, gateText, rehearsalText, releaseText } from './release-text.js';
import { type PhaseSummary, phaseLabel, type Summary, stallIsOver, summarize } from './summary.js';
import { hookLines, releaseFact } from './surroundings.js';
import { atSeconds, clip, visible } from './text.js';
import { thresholdRows } from './threshold-rows.js';

export interface SummaryOptions {
  color: boolean;
  /** Columns of the terminal. */
  width: number;
}

type Style = 'good' | 'bad' | 'unsure' | 'dim' | 'bold';
type Paint = (style: Style, text: string) => string;

/** The end of a run on the terminal; the last line says what the target serves now. */
export function summaryLines(run: Run, judgement: Judgement, { color, width }: SummaryOptions): string[] {
  const summary = summarize(run);
  const paint: Paint = color ? (style, text) => `\u001B[${CODES[style]}m${text}\u001B[0m` : (_, text) => text;
  const columns = Math.max(40, width);
  const sections = [
    verdictLines(run, judgement, summary, paint, columns),
    reasonLines(run, judgement, paint, columns),
    thresholdLines(judgement, paint, columns),
    stepLines(summary, judgement, paint, columns),
    outageLines(run, paint, columns),
    probeSection(run, paint, columns),
    sqlSection(run, paint, columns),
    findingLines(judgement, paint, columns),
    boundLines(run, judgement, paint, columns),
    endLines(run, judgement, paint, columns),
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, i) => (i === 0 ? lines : ['', ...lines]));
}

const CODES: Record<Style, string> = { good: '32', bad: '31', unsure: '33', dim: '2', bold: '1' };
const VERDICT_STYLE: Record<Verdict, Style> = { 'zero-downtime': 'good', downtime: 'bad', inconclusive: 'unsure' };
const STATE_STYLE: Record<ThresholdState, Style> = {
  kept: 'good',
  partly: 'unsure',
  noise: 'unsure',
  crossed: 'bad',
  warning: 'unsure',
  doubtful: 'unsure',
  unproven: 'unsure',
  silent: 'unsure',
};

function verdictLines(run: Run, judgement: Judgement, summary: Summary, paint: Paint, width: number): string[] {
  const { verdict, release, headline } = judgement;
  const { failed, requests, blocked } = summary.afterBaseline.tally;
  const limited =
    blocked === 0 ? '' : `; ${paint('unsure', `${formatCount(blocked)} blocked`)} by a rate limiter or firewall`;
  const beside = lostBesideMix(run);
  const done = release === 'completed';
  const cause = likelyCause(judgement);
  return [
    ` ${paint(VERDICT_STYLE[verdict], `${VERDICT_MARK[verdict]} ${VERDICT_TEXT[verdict].toUpperCase()}`)}  ${paint('bold', clip(run.header.scenario.name, Math.max(12, width - 24)))}`,
    ...wrap(headline, width, '   '),
    ...(cause === null ? [] : wrap(`Likely cause: ${cause.claim} (${cause.about})`, width, '   ')),
    '',
    ` ${paint(done ? 'good' : 'bad', `RELEASE ${releaseText(run, judgement).replace(/^[^,]+/, (text) => text.toUpperCase())}.`)}`,
    ` Users: ${paint(failed === 0 ? 'good' : 'bad', `${formatCount(failed)} of ${formatCount(requests)}${beside.length === 0 ? '' : ' requests of the mix'} failed`)} after the baseline${limited}.`,
    ...beside.map((text) => `        ${paint('bad', text)}.`),
    ...(run.cut ? [` ${paint('unsure', 'The run was cut: its record has no end.')}`] : []),
  ];
}

function reasonLines({ end, recordFaults }: Run, judgement: Judgement, paint: Paint, width: number): string[] {
  const faults = [...judgement.harnessReasons, ...(end?.faults ?? []), ...recordFaults];
  const lines = furtherReasons(judgement).flatMap((reason) => wrap(reason, width, ' - ', '   '));
  const harness = [...new Set(faults)].filter((fault) => !judgement.reasons.includes(fault));
  if (harness.length > 0) lines.push(` ${paint('unsure', 'The harness did not do its own part:')}`);
  return [...lines, ...harness.flatMap((fault) => wrap(fault, width, '   - ', '     '))];
}

/** States that the mark and the note say in full. */
const SAID_BY_MARK: readonly ThresholdState[] = ['kept', 'partly', 'crossed'];

function thresholdLines({ thresholds }: Judgement, paint: Paint, width: number): string[] {
  if (thresholds.length === 0) return [];
  const rows = thresholdRows(thresholds).map(({ threshold, state, note }) => {
    const stands = SAID_BY_MARK.includes(state) ? '' : STATE_TEXT[state];
    return {
      mark: paint(STATE_STYLE[state], STATE_MARK[state]),
      cells: [
        `${visible(threshold.name)}: ${visible(threshold.expression)}`,
        visible(threshold.phase),
        actualText(threshold),
        `limit ${limitText(threshold)}`,
      ],
      note: [stands, note].filter((text) => text !== '').join('; '),
    };
  });
  const [head = '', ...lines] = align(
    [['thresholds', 'where', 'measured', ''], ...rows.map(({ cells }) => cells)],
    '<<><',
    width - 3,
  );
  const noteFrom = Math.max(...lines.map((line) => [...line].length)) + 2;
  const marked = rows.flatMap(({ mark, note }, i) => {
    const line = lines[i] ?? '';
    const withNote = `${line.padEnd(noteFrom)}${visible(note)}`.trimEnd();
    if ([...withNote].length <= width - 3) return [` ${mark} ${withNote}`];
    return [` ${mark} ${line}`, ...wrap(note, width, '     ')];
  });
  return [`   ${paint('dim', head)}`, ...marked];
}

/** Columns of the terminal from which the likely cause fits beside the numbers; it is among the findings in any case. */
const CAUSE_FROM = 120;

function stepLines(summary: Summary, judgement: Judgement, paint: Paint, width: number): string[] {
  const { phases, notReached, baseline } = summary;
  const rows = phases.map((entry) => ({
    mark: entry.phase.outcome === 'stopped' && entry.tally.failed === 0 ? paint('unsure', '■') : paint('bad', '✗'),
    bad: entry.tally.failed > 0 || ['failed', 'timeout', 'not-ready', 'stopped'].includes(entry.phase.outcome ?? ''),
    cells: [...stepCells(entry, baseline.p99), width < CAUSE_FROM ? '' : visible(causeText(judgement, summary, entry))],
  }));
  for (const { name } of notReached)
    rows.push({ mark: '', bad: false, cells: [visible(name), 'not reached', '', '', '', '', '', '', ''] });
  const header = ['step', 'exit', 'took', 'ready after', 'requests', 'failed', 'p99', '', 'likely cause'];
  const lines = align([header, ...rows.map(({ cells }) => cells)], '<>>>>>>><', width - 3);
  return lines.map((line, i) => {
    if (i === 0) return `   ${paint('dim', line)}`;
    return rows[i - 1]?.bad ? ` ${rows[i - 1]?.mark} ${line}` : `   ${line}`;
  });
}

function stepCells({ phase, label, tally, latency }: PhaseSummary, baselineP99: number | null): string[] {
  return [
    visible(label),
    [phase.signal === null ? phase.exitCode : visible(phase.signal), phase.outcome === 'stopped' ? 'stopped' : null]
      .filter((text) => text !== null)
      .join(', '),
    phase.commandMs === null ? '' : formatMs(phase.commandMs),
    phase.readyMs === null ? (phase.outcome === 'not-ready' ? 'never' : '') : formatMs(phase.readyMs),
    phase.judged ? formatCount(tally.requests) : '',
    phase.judged ? formatCount(tally.failed) : '',
    latency.p99 === null ? '' : formatMs(latency.p99),
    phase.kind === 'baseline' ? '' : change(latency.p99, baselineP99),
  ];
}

const MAX_OUTAGES = 8;

function outageLines(run: Run, paint: Paint, width: number): string[] {
  const entries = [
    ...run.outages.map((outage) => ({
      ...outage,
      text: `outage ${formatMs(outage.durationMs)} (${outage.kind}${outage.recovered ? '' : ', not recovered'}), ${plural(outage.failed, 'request')} failed`,
    })),
    ...run.stalls
      .filter((stall) => stallIsOver(run, stall))
      .map((stall) => ({
        ...stall,
        text: `stall ${formatMs(stall.durationMs)}${stall.recovered ? '' : ', not recovered'}`,
      })),
  ].sort((a, b) => a.startAt - b.startAt);
  const lines = entries.slice(0, MAX_OUTAGES).map(({ startAt, phase: index, streams, text }) => {
    const phase = run.phases[index];
    const where =
      phase === undefined
        ? ''
        : `, ${visible(phaseLabel(run.phases, index))} +${((startAt - phase.startAt) / 1000).toFixed(2)} s`;
    return ` ${paint('bad', '✗')} ${clip(`${atSeconds(startAt)}  ${text}${where}: ${streams.join(', ')}`, width - 3)}`;
  });
  if (entries.length > MAX_OUTAGES) lines.push(`   ${entries.length - MAX_OUTAGES} more in the report`);
  return lines;
}

function probeSection(run: Run, paint: Paint, width: number): string[] {
  return probeLines(run).flatMap(({ text, severity }) => {
    const mark = severity === 'breach' ? paint('bad', '✗') : severity === 'none' ? ' ' : paint('unsure', '!');
    const [first = '', ...rest] = wrap(text, width, '   ');
    return [` ${mark} ${first.slice(3)}`, ...rest];
  });
}

const SQL_STYLE: Record<Severity, { style: Style; mark: string }> = {
  error: { style: 'bad', mark: '✗' },
  warning: { style: 'unsure', mark: '!' },
  note: { style: 'dim', mark: ' ' },
  none: { style: 'dim', mark: ' ' },
};

function sqlSection(run: Run, paint: Paint, width: number): string[] {
  return sqlLines(run).flatMap(({ text, severity, isStep }) => {
    const { style, mark } = SQL_STYLE[severity];
    const indent = isStep ? '   ' : '     ';
    const [first = '', ...rest] = wrap(isStep ? `SQL of ${text}` : text, width, indent);
    return [` ${paint(style, mark)} ${first.slice(3)}`, ...rest];
  });
}

/** Rules whose claims stand in the lines of the probes already. */
const SAID_BY_PROBES = ['probe-breach', 'probe-risk'];

function findingLines({ findings }: Judgement, paint: Paint, width: number): string[] {
  return findings
    .filter(({ severity, rule }) => severity !== 'note' && !SAID_BY_PROBES.includes(rule))
    .slice(0, MAX_OUTAGES)
    .flatMap(({ severity, phase, claim, remedy }) => {
      const [first = '', ...rest] = wrap(`${phase === '' ? '' : `${phase}: `}${claim}`, width, '   ', '   ');
      const mark = severity === 'breach' ? paint('bad', '✗') : paint('unsure', '!');
      return [
        ` ${mark} ${first.slice(3)}`,
        ...rest,
        ...(remedy === '' ? [] : wrap(`Remedy: ${remedy}`, width, '     ')),
      ];
    });
}

function boundLines({ header }: Run, { bound, changeVerified }: Judgement, paint: Paint, width: number): string[] {
  if (bound.requests === 0) return [];
  const worst = bound.streams.reduce<(typeof bound.streams)[number] | undefined>(
    (found, stream) =>
      found !== undefined && found.shortestDetectableOutageMs >= stream.shortestDetectableOutageMs ? found : stream,
    undefined,
  );
  const text = `Bound: ${boundText(bound)}; an outage of ${formatMs(bound.shortestDetectableOutageMs)} or more could not have been missed${worst === undefined ? '' : ` (widest gap: ${worst.name})`}.`;
  return [
    ...wrap(text, width, ' '),
    ...(changeVerified === null && !header.version.declared
      ? [` ${paint('unsure', 'The change of version is not verified: none is declared.')}`]
      : []),
  ];
}

function endLines(run: Run, judgement: Judgement, paint: Paint, width: number): string[] {
  const { header } = run;
  const { exitCode } = judgement;
  const style = exitCode === 0 ? 'good' : exitCode === 98 ? 'unsure' : 'bad';
  const runbook =
    exitCode === 95 && header.scenario.runbook !== null ? wrap(`Runbook: ${header.scenario.runbook}`, width, ' ') : [];
  const serves = servesText(judgement);
  const released = releaseFact(run, judgement);
  const rehearsed = rehearsalText(run, judgement);
  return [
    ...runbook,
    ...run.hooks.map((hook) => {
      const [line = ''] = hookLines([hook]);
      return ` ${paint(hook.problem === null ? 'dim' : 'unsure', clip(`${line.charAt(0).toUpperCase()}${line.slice(1)}.`, width - 1))}`;
    }),
    ...(released === null ? [] : wrap(`${released.label}: ${released.text}.`, width, ' ')),
    ...wrap(`Gate: ${gateText(judgement)}. Exit ${exitCode}: ${exitText(run, judgement)}.`, width, ' ').map((line) =>
      line.replace(`Exit ${exitCode}:`, `${paint(style, `Exit ${exitCode}`)}:`),
    ),
    ...(rehearsed === null ? [] : wrap(rehearsed, width, ' ').map((line) => paint('unsure', line))),
    ` ${clip(`${serves.charAt(0).toUpperCase()}${serves.slice(1)}.`, width - 1)}`,
  ];
}

/** Columns padded to their widest cell; the last one takes what is left. */
function align(rows: readonly string[][], sides: string, width: number): string[] {
  const kept = [...sides].map((_, i) => i).filter((i) => rows.slice(1).some((row) => row[i] !== ''));
  const sizes = kept.map((i) => Math.min(48, Math.max(...rows.map((row) => [...(row[i] ?? '')].length))));
  return rows.map((row) => {
    const cells = kept.map((i, k) => {
      const text = clip(row[i] ?? '', i === sides.length - 1 ? width : 48);
      const pad = ' '.repeat(Math.max(0, (sizes[k] as number) - [...text].length));
      return sides[i] === '>' ? pad + text : text + pad;
    });
    return clip(cells.join('  ').trimEnd(), width);
  });
}

/** Words in lines of at most `width`; text of a server is made inert first. */
function wrap(text: string, width: number, first: string, rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of visible(text).split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
