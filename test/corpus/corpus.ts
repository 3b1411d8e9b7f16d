/**
 * `npm run corpus [-- CASE...]`: runs deploys with known truth and scores what zdd-verify says of them. A case is found
 * in scenarios/NAME/cases.json; its label is confirmed by evidence other than zdd-verify's own traffic.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readCases } from './cases.ts';
import { asMarkdown, asText, passes, type Row, totalsOf } from './report.ts';
import { asJson, keepResults, takeResults } from './results.ts';
import { clear, type Place, type Ran, remove, runCase, underWay } from './run-case.ts';
import { installedSystems, missingFor } from './systems.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const USAGE = `npm run corpus -- [CASE...] [--repeat N] [--jobs N] [--subset ci] [--only-installed] [--json] [--list]
  CASE              a scenario (pm2-cluster), one of its cases (pm2-cluster/restart) or a number (B16); default: all
  --repeat N        each case N times (default 1)
  --jobs N          so many runs side by side, of good releases half as many (default 1: a neighbour is measured, too)
  --subset ci       the few that are run on every change
  --only-installed  exit 0 although cases are missing because their system is
  --most-undecided N  exit 0 although N runs at most came to nothing, as the machine disturbed every try (default 0)
  --list            what would be run, and what is missing
  --json            the results on stdout as JSON
  --results FILE    kept as JSON after every run; what it holds already counts, so that the rest can be run later
  --report FILE     the table as Markdown (default: reports/corpus.md, when all cases are run)
  --cli FILE        the command (default: dist/cli/main.js)
  --scenarios DIR   where the scenarios are (default: scenarios)
  --keep DIR        where what is left of runs that are not right is put (default: reports/corpus)
  --keep-all        what is left of the others, too
Exit 0: everything was right.`;

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    subset: { type: 'string' },
    'only-installed': { type: 'boolean', default: false },
    'most-undecided': { type: 'string', default: '0' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    report: { type: 'string' },
    results: { type: 'string' },
    cli: { type: 'string', default: join(PROJECT, 'dist/cli/main.js') },
    scenarios: { type: 'string', default: join(PROJECT, 'scenarios') },
    keep: { type: 'string', default: join(PROJECT, 'reports/corpus') },
    'keep-all': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** How often a run that the machine disturbed is made again. */
const MORE_TRIES = 5;

const repeat = Number(options.repeat);
const jobs = Number(options.jobs);
const mostUndecided = Number(options['most-undecided']);
const isKnown =
  [repeat, jobs].every((each) => Number.isInteger(each) && each > 0 && each <= 1000) &&
  Number.isInteger(mostUndecided) &&
  mostUndecided >= 0;
if (options.help) process.stdout.write(`${USAGE}\n`);
else if (!isKnown || (options.subset !== undefined && options.subset !== 'ci')) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  await main().catch((error: Error) => {
    say(error.message);
    process.exitCode = 1;
  });
}

async function main(): Promise<void> {
  const cases = readCases(resolve(options.scenarios), names).filter(({ ci }) => options.subset !== 'ci' || ci === true);
  const needs = [...new Set(cases.flatMap((each) => each.needs))];
  const systems = installedSystems(join(PROJECT, 'scripts/install-systems'), needs);
  const isRoot = process.getuid?.() === 0;
  const rows = cases.map(
    (label): Row => ({ label, missing: missingFor(label, systems, isRoot), runs: [], disturbed: 0 }),
  );
  if (options.list) return list(rows);
  if (process.platform !== 'linux') throw new Error('the corpus needs /proc: Linux');
  if (!existsSync(options.cli)) throw new Error(`there is no ${options.cli}: npm run build`);
  const { taken, others } =
    options.results === undefined ? { taken: 0, others: [] } : takeResults(rows, options.results);
  if (taken > 0) say(`${options.results} holds ${taken} runs: they count`);
  const folder = mkdtempSync(join(tmpdir(), 'zdc-'));
  // Servers that run as another user pass through it.
  chmodSync(folder, 0o755);
  const signals = passOnSignals();
  try {
    await runAll(rows, others, folder, signals);
  } finally {
    remove(folder);
    signals.off();
  }
  if (signals.received !== null) {
    process.exitCode = signals.received === 'SIGINT' ? 130 : 143;
    say(`${signals.received}: the table is of what was run until then`);
  } else process.exitCode = passes(totalsOf(rows), options['only-installed'], mostUndecided) ? 0 : 1;
  tell(rows, signals.received === null);
}

function list(rows: readonly Row[]): void {
  for (const { label, missing } of rows) {
    const state = missing === null ? '' : `  missing ${missing.what}: ${missing.remedy}`;
    process.stdout.write(
      `${label.corpus}  ${label.id}  ${label.verdict.join(' or ')}${label.ci ? '  ci' : ''}${state}\n`,
    );
  }
}

async function runAll(rows: readonly Row[], others: readonly Row[], folder: string, signals: Signals): Promise<void> {
  // One repetition of every case after the other, so that a bad hour of the machine falls on all of them; side by side
  // run cases of different scenarios, so that not all of them boot the same heavy thing at once. A good release claims
  // that latency stayed as it was: half as many of those share the machine.
  const present = spread(rows.filter(({ missing }) => missing === null));
  const isGood = ({ label }: Row): boolean => label.verdict.includes('zero-downtime');
  const [good, other] = [present.filter(isGood), present.filter((row) => !isGood(row))];
  const wanting = (row: Row, number: number): boolean => row.runs.length < number;
  const total = present.reduce((sum, { runs }) => sum + Math.max(0, repeat - runs.length), 0);
  let begun = 0;
  const work = async (queue: Row[], number: number): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && signals.received === null; next = queue.shift()) {
      begun += 1;
      await runOnce(next, number, `${begun}/${total}`, folder, signals);
      if (options.results !== undefined) keepResults([...rows, ...others], options.results);
    }
  };
  for (let number = 1; number <= repeat; number += 1) {
    for (const [group, width] of [
      [good, Math.max(1, Math.floor(jobs / 2))],
      [other, jobs],
    ] as const) {
      const queue = group.filter((row) => wanting(row, number));
      await Promise.all(Array.from({ length: width }, () => work(queue, number)));
    }
  }
}

/** The first case of every scenario, then the second of each, and so on. */
function spread(rows: readonly Row[]): Row[] {
  const place = (row: Row) => rows.filter(({ label }) => label.scenario === row.label.scenario).indexOf(row);
  return rows.toSorted((a, b) => place(a) - place(b));
}

async function runOnce(row: Row, number: number, progress: string, folder: string, signals: Signals): Promise<void> {
  const { label } = row;
  const keepIn = join(resolve(options.keep), `${label.id.replace('/', '-')}-${number}`);
  const place: Place = { folder, cli: resolve(options.cli), say, keepIn };
  for (let tries = 0; ; tries += 1) {
    const name = `${row.runs.length + row.disturbed}-${label.id.replace('/', '-')}`;
    const ran = await runCase(label, name, place);
    const { outcome } = ran.score;
    clear(label, name, place, outcome === 'right' && ran.orphans.length === 0 && !options['keep-all']);
    if (signals.received !== null) return;
    say(`${progress} ${label.id}: ${lineOf(ran)}`);
    if (outcome === 'disturbed') row.disturbed += 1;
    if (outcome !== 'disturbed' || tries === MORE_TRIES) {
      row.runs.push(ran);
      return;
    }
  }
}

function lineOf({ score, seconds, orphans, run }: Ran): string {
  const { outcome, why, verdict, exitCode, step } = score;
  const found =
    verdict === null ? '' : `${verdict}, ${run?.release}, exit ${exitCode}${step === null ? '' : `, in ${step}`}: `;
  const left = orphans.map((orphan) => `\n    left behind: ${orphan}`);
  return `${found}${outcome} (${Math.round(seconds)} s)${why.map((each) => `\n    ${each}`).join('')}${left.join('')}`;
}

function tell(rows: readonly Row[], complete: boolean): void {
  const command = ['npm run corpus', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const all = names.length === 0 && options.subset === undefined;
  const file = options.report ?? (all && complete ? join(PROJECT, 'reports/corpus.md') : undefined);
  if (file !== undefined) {
    mkdirSync(dirname(resolve(file)), { recursive: true });
    writeFileSync(file, asMarkdown(rows, command, new Date()));
  }
  process.stdout.write(options.json ? asJson(rows) : asText(rows));
}

interface Signals {
  received: 'SIGINT' | 'SIGTERM' | null;
  off(): void;
}

/** A signal ends the runs under way, which roll back and tear down; a second one reaches them as well. */
function passOnSignals(): Signals {
  const on = (signal: 'SIGINT' | 'SIGTERM'): void => {
    state.received ??= signal;
    say(`${signal}: ending the run under way`);
    for (const child of underWay) child.kill(signal);
  };
  const handlers = (['SIGINT', 'SIGTERM'] as const).map((signal) => ({ signal, handler: () => on(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  const state: Signals = {
    received: null,
    off: () => {
      for (const { signal, handler } of handlers) process.off(signal, handler);
    },
  };
  return state;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
