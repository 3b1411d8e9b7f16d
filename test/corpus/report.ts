import { cpus, release, totalmem, type } from 'node:os';
import type { Case } from './cases.ts';
import type { Ran } from './run-case.ts';
import type { Missing } from './systems.ts';

/** A case and its repetitions. */
export interface Row {
  label: Case;
  missing: Missing | null;
  /** One a repetition: the last try of each. */
  runs: Ran[];
  /** Tries that the machine disturbed; they were made again while there were tries left. */
  disturbed: number;
}

export interface Totals {
  cases: number;
  runs: number;
  right: number;
  falseAlarms: number;
  missed: number;
  wrong: number;
  unconfirmed: number;
  broken: number;
  disturbed: number;
  /** Runs that came to nothing because every try was disturbed. */
  undecided: number;
  steps: { right: number; of: number };
  causes: { right: number; of: number };
  missing: number;
  orphans: number;
}

export function totalsOf(rows: readonly Row[]): Totals {
  const runs = rows.flatMap((row) => row.runs);
  const withOutcome = (outcome: string): number => runs.filter(({ score }) => score.outcome === outcome).length;
  const explained = runs.filter(({ score }) => score.causeRight !== null && score.outcome !== 'disturbed');
  const stepped = runs.filter(({ score }) => score.stepRight !== null && score.outcome !== 'disturbed');
  return {
    cases: rows.length,
    runs: runs.length,
    right: withOutcome('right'),
    falseAlarms: withOutcome('false alarm'),
    missed: withOutcome('missed'),
    wrong: withOutcome('wrong'),
    unconfirmed: withOutcome('unconfirmed'),
    broken: withOutcome('broken'),
    disturbed: rows.reduce((sum, row) => sum + row.disturbed, 0),
    undecided: withOutcome('disturbed'),
    steps: { right: stepped.filter(({ score }) => score.stepRight).length, of: stepped.length },
    causes: { right: explained.filter(({ score }) => score.causeRight).length, of: explained.length },
    missing: rows.filter(({ missing }) => missing !== null).length,
    orphans: runs.filter(({ orphans }) => orphans.length > 0).length,
  };
}

/**
 * Whether everything that ran was right, and whether everything ran that had to. So many runs at most may be undecided:
 * every try of them was disturbed by the machine.
 */
export function passes(totals: Totals, onlyInstalled: boolean, mostUndecided = 0): boolean {
  return (
    totals.right > 0 &&
    totals.undecided <= mostUndecided &&
    totals.right + totals.undecided === totals.runs &&
    totals.orphans === 0 &&
    (onlyInstalled || totals.missing === 0)
  );
}

/** The table and what it comes to, as Markdown. */
export function asMarkdown(rows: readonly Row[], command: string, at: Date): string {
  const columns = ['case', 'no.', 'mistake', 'expected', 'evidence', 'right', 'first harm', 'cause', 'time', 'seen'];
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    '# Deploys with known truth',
    '',
    `\`${command}\` on ${at.toISOString().slice(0, 10)}, ${machine()}.`,
    '',
    'Each case is a real system, released well or with one mistake. Its label was confirmed by evidence that is not',
    "zdd-verify's own: the systems' logs, and the kernel's list of listening sockets. `right`: verdict, release, exit",
    'code, first harmed step and findings are those of the label.',
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(cellsOf(row))),
    '',
    ...totalLines(totalsOf(rows)),
    ...details(rows),
    '',
  ].join('\n');
}

/** The same for a terminal, short. */
export function asText(rows: readonly Row[]): string {
  const cells = rows.map((row) => {
    const [
      id = '',
      number = '',
      ,
      expected = '',
      evidence = '',
      right = '',
      step = '',
      cause = '',
      time = '',
      seen = '',
    ] = cellsOf(row);
    return [id, number, expected, evidence, right, step, cause, time, seen];
  });
  const head = ['case', 'no.', 'expected', 'evidence', 'right', 'first harm', 'cause', 'time', 'seen'];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), ...cells.map(line), '', ...totalLines(totalsOf(rows)), ...details(rows), ''].join('\n');
}

function cellsOf(row: Row): string[] {
  const { label, missing, runs } = row;
  const expected = `${label.verdict.join(' or ')}, ${label.exitCode.join(' or ')}`;
  const start = [label.id, label.corpus, label.mistake || '-', expected];
  if (missing !== null) return [...start, '-', `**missing** (${missing.remedy})`, '-', '-', '-', '-'];
  if (runs.length === 0) return [...start, '-', 'not run', '-', '-', '-', '-'];
  const count = (holds: (ran: Ran) => boolean): string => `${runs.filter(holds).length}/${runs.length}`;
  const confirmed = count(({ evidence }) => evidence.length > 0 && evidence.every(({ state }) => state === 'holds'));
  const steps = [...new Set(runs.map(({ score }) => score.step ?? '-'))].join(', ');
  return [
    ...start,
    confirmed,
    count(({ score }) => score.outcome === 'right'),
    label.step == null ? '-' : `${steps} ${count(({ score }) => score.stepRight === true)}`,
    causes(row),
    `${Math.round(median(runs.map(({ seconds }) => seconds)))} s`,
    seen(runs),
  ];
}

/** The causes that were named, and how often one was the right one. */
function causes({ runs }: Row): string {
  const named = [...new Set(runs.flatMap(({ score }) => score.cause ?? []))].join(', ');
  const asked = runs.filter(({ score }) => score.causeRight !== null);
  if (asked.length === 0) return named === '' ? '-' : named;
  return `${named === '' ? 'none' : named} ${asked.filter(({ score }) => score.causeRight).length}/${asked.length}`;
}

/** Good runs: how much was asked and what that proves; bad ones: what was lost. */
function seen(ran: readonly Ran[]): string {
  const runs = ran.flatMap(({ run }) => run ?? []);
  if (runs.length === 0) return '-';
  const failed = runs.map(({ totals }) => totals.failed);
  const outages = runs.map(({ outages: each }) => Math.max(0, ...each.map(({ durationMs }) => durationMs)));
  const stalls = runs.map(({ stalls: each }) => Math.max(0, ...each.map(({ durationMs }) => durationMs)));
  const parts = [
    ...(Math.max(...failed) > 0 ? [`${range(failed)} failed`] : []),
    ...(Math.max(...outages) > 0 ? [`outage ${range(outages.map(seconds))} s`] : []),
    ...(Math.max(...stalls) > 0 ? [`stall ${range(stalls.map(seconds))} s`] : []),
  ];
  if (parts.length > 0) return parts.join(', ');
  const requests = runs.map(({ bound }) => bound.requests);
  const bounds = runs.map(({ bound }) => Number((bound.failureRateUpper95 * 100).toPrecision(2)));
  const gaps = runs.map(({ bound }) => Math.round(bound.shortestDetectableOutageMs));
  return `0 of ${range(requests)} failed, rate <= ${Math.max(...bounds)} %, outage <= ${Math.max(...gaps)} ms`;
}

function totalLines(totals: Totals): string[] {
  const {
    runs,
    right,
    falseAlarms,
    missed,
    wrong,
    unconfirmed,
    broken,
    undecided,
    disturbed,
    steps,
    causes: named,
    missing,
    orphans,
  } = totals;
  return [
    `${right} of ${runs} runs of ${totals.cases - missing} cases right. False alarms: ${falseAlarms}. Missed: ${missed}. Otherwise wrong: ${wrong}.`,
    `First harmed step right: ${steps.right} of ${steps.of}. Likeliest cause right: ${named.right} of ${named.of}. Disturbed by the machine and run again: ${disturbed - undecided}; undecided: ${undecided}.`,
    `Label not confirmed: ${unconfirmed}. Without a result: ${broken}. Processes left behind: ${orphans} runs. Missing: ${missing} cases.`,
  ];
}

/** Every run that was not right, and why. */
function details(rows: readonly Row[]): string[] {
  const lines = rows.flatMap(({ label, missing, runs }) => [
    ...(missing === null ? [] : [`- ${label.id}: missing ${missing.what}: ${missing.remedy}`]),
    ...runs.flatMap(({ score, orphans }, index) => [
      ...(score.outcome === 'right'
        ? []
        : [`- ${label.id} run ${index + 1}: ${score.outcome}: ${score.why.join('; ')}`]),
      ...orphans.map((orphan) => `- ${label.id} run ${index + 1}: left behind: ${orphan}`),
    ]),
  ]);
  return lines.length === 0 ? [] : ['', ...lines];
}

function machine(): string {
  const [first, ...others] = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${first?.model.trim() ?? 'unknown CPU'}, ${others.length + 1} cores, ${memory} GiB, ${type()} ${release()}, Node ${process.version.slice(1)}`;
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most
    ? most.toLocaleString('en-US')
    : `${least.toLocaleString('en-US')}-${most.toLocaleString('en-US')}`;
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
