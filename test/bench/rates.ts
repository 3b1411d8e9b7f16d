import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Generator, Reading } from './generators.ts';
import { type Measured, measureProcess } from './measured-process.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { engine } from './ours.ts';
import { digits, mebibytes, type Section } from './table.ts';

export interface RatesOptions {
  /** How long each measurement lasts. */
  seconds: number;
  generators: readonly Generator[];
  progress(text: string): void;
}

const RATES = [1000, 5000, 10_000];
const CONNECTIONS = 50;
/** The search for the highest rate: short trials, then one of full length. */
const TRIAL_SEC = 3;
const HIGHEST_RATE = 160_000;
const REFINEMENTS = 4;
/** A rate that held for a short while and not for long is lowered by this, so often. */
const STEP_DOWN = 0.93;
const STEPS_DOWN = 3;
/** An open loop held its rate where the server answered this share of it. */
const ANSWERED_SHARE = 0.99;
/** Below this share of the rate the CPU time is not that of sending it. */
const COUNTABLE_SHARE = 0.9;

/** One generator at one rate. */
interface Trial {
  askedPerSec: number;
  answeredPerSec: number;
  held: boolean;
  why: string;
  /** µs a request, from start to exit. */
  cpuUs: number;
  /** µs a request in the middle of the run. */
  steadyCpuUs: number | null;
  peakBytes: number | null;
  /** Connections opened, by the server's count. */
  opened: number;
  reading: Reading | null;
}

interface Row {
  generator: Generator;
  /** At each of `RATES`; for a closed loop the one it has. */
  trials: Trial[];
  best: Trial | null;
}

/** Drives one nginx with each generator in turn: CPU time at fixed rates, and the highest rate it holds. */
export async function measureRates(options: RatesOptions): Promise<Section> {
  const nginx = await startNginx();
  const rows: Row[] = [];
  try {
    for (const generator of options.generators) {
      const trial = (ratePerSec: number, seconds: number): Promise<Trial> => {
        options.progress(`${generator.name}: ${generator.loop === 'open' ? `${ratePerSec}/s` : 'closed loop'}`);
        return measure(generator, nginx, ratePerSec, seconds);
      };
      if (generator.loop === 'closed') {
        const best = await trial(0, options.seconds);
        rows.push({ generator, trials: [], best });
        continue;
      }
      const trials: Trial[] = [];
      for (const rate of RATES) trials.push(await trial(rate, options.seconds));
      rows.push({ generator, trials, best: await highest(trial, options.seconds, trials) });
    }
  } finally {
    await nginx.stop();
  }
  return sectionOf(rows, options.seconds);
}

async function measure(generator: Generator, nginx: Nginx, ratePerSec: number, seconds: number): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-bench-'));
  try {
    const load = { url: `${nginx.url}/`, ratePerSec, seconds, connections: CONNECTIONS, folder };
    const before = await nginx.counts();
    const measured = await measureProcess(generator.command(load), { seconds });
    const after = await nginx.counts();
    // Asking for the counts was one of each.
    const answered = after.requests - before.requests - 1;
    const opened = after.connections - before.connections - 1;
    const reading = readingOf(generator, measured, load);
    return trialOf(measured, reading, { ratePerSec, seconds, answered, opened });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it printed, read; null where it printed something else. */
function readingOf(generator: Generator, { stdout }: Measured, load: Parameters<Generator['read']>[1]): Reading | null {
  try {
    return generator.read(stdout, load);
  } catch {
    return null;
  }
}

function trialOf(
  measured: Measured,
  reading: Reading | null,
  { ratePerSec, seconds, answered, opened }: { ratePerSec: number; seconds: number; answered: number; opened: number },
): Trial {
  const answeredPerSec = answered / seconds;
  // What knows its unsent arrivals sends at the rate it was asked for, and may send for longer than asked.
  const sentPerSec = reading?.unsent === 0 ? ratePerSec : answeredPerSec;
  const why =
    reading === null
      ? `its output could not be read (exit ${measured.code}): ${measured.stderr.trim().split('\n').at(-1) ?? ''}`
      : (reading.unsent ?? 0) > 0
        ? `${reading.unsent} unsent`
        : reading.failures > 0
          ? `${reading.failures} failed`
          : answeredPerSec < ratePerSec * ANSWERED_SHARE
            ? `${digits(answeredPerSec)}/s reached the server`
            : '';
  return {
    askedPerSec: ratePerSec,
    answeredPerSec,
    held: why === '',
    why,
    cpuUs: measured.cpuUs / answered,
    steadyCpuUs: measured.steadyUsPerSec === null ? null : measured.steadyUsPerSec / sentPerSec,
    peakBytes: measured.peakBytes,
    opened,
    reading,
  };
}

/** Doubles until a rate does not hold, bisects in between, and confirms the result at full length. */
async function highest(
  trial: (ratePerSec: number, seconds: number) => Promise<Trial>,
  seconds: number,
  known: readonly Trial[],
): Promise<Trial | null> {
  const trialSec = Math.min(TRIAL_SEC, seconds);
  let held = known.findLast((each) => each.held)?.askedPerSec ?? 0;
  let missed: number | null = known.find((each) => !each.held && each.askedPerSec > held)?.askedPerSec ?? null;
  while (missed === null && held < HIGHEST_RATE) {
    if ((await trial(held * 2, trialSec)).held) held *= 2;
    else missed = held * 2;
  }
  for (let left = REFINEMENTS; missed !== null && left > 0; left -= 1) {
    const middle = roundRate((held + missed) / 2);
    if ((await trial(middle, trialSec)).held) held = middle;
    else missed = middle;
  }
  for (let left = STEPS_DOWN; held > 0 && left > 0; left -= 1) {
    const confirmed = known.find(({ askedPerSec }) => askedPerSec === held) ?? (await trial(held, seconds));
    if (confirmed.held) return confirmed;
    held = roundRate(held * STEP_DOWN);
  }
  return known.findLast((trial) => trial.held) ?? null;
}

/** Some generators give every connection a whole number of requests a second. */
function roundRate(ratePerSec: number): number {
  return Math.round(ratePerSec / CONNECTIONS) * CONNECTIONS;
}

function sectionOf(rows: readonly Row[], seconds: number): Section {
  const columns = [
    'generator',
    `held ${seconds} s, /s`,
    ...RATES.map((rate) => `CPU us/request at ${digits(rate)}/s`),
    'lateness p50 / p99 ms at 10,000/s',
    'at the held rate',
    'memory MiB',
  ];
  return {
    title: 'Rate and cost',
    columns,
    rows: rows.map(cellsOf),
    notes: [...ratioNotes(rows), ...shortfalls(rows), ...openings(rows), ...NOTES],
    data: rows.map(({ generator, trials, best }) => ({
      generator: generator.name,
      loop: generator.loop,
      trials,
      best,
    })),
  };
}

const NOTES = [
  'CPU: user + system of the whole process from start to exit, in brackets that of the middle of the run alone (no start, no report).',
  'held: nothing unsent, nothing failed, 99 % of the rate answered by the server (its own count).',
  'memory: highest resident set of all trials. Closed loop: no rate can be asked for, the server decides it; its CPU is at that rate.',
];

function cellsOf({ generator, trials, best }: Row): string[] {
  const peaks = [...trials, ...(best === null ? [] : [best])].map(({ peakBytes }) => peakBytes ?? 0);
  const closed = generator.loop === 'closed';
  return [
    generator.name,
    best === null
      ? '-'
      : closed
        ? `${digits(Math.round(best.answeredPerSec))} (closed loop)`
        : digits(best.askedPerSec),
    ...RATES.map((_, index) => {
      const trial = trials[index];
      if (trial !== undefined) return `${costOf(trial)}${trial.held ? '' : ' (not held)'}`;
      return closed && index === RATES.length - 1 && best !== null ? costOf(best) : '-';
    }),
    latenessOf(trials.at(-1)),
    latenessOf(best ?? undefined),
    mebibytes(Math.max(0, ...peaks)),
  ];
}

function costOf({ cpuUs, steadyCpuUs, answeredPerSec, askedPerSec }: Trial): string {
  // What hardly sent has no cost a request.
  if (answeredPerSec < askedPerSec * COUNTABLE_SHARE) return '-';
  return `${digits(cpuUs)} (${digits(steadyCpuUs)})`;
}

function latenessOf(trial: Trial | undefined): string {
  const lateness = trial?.reading?.latenessMs ?? null;
  return lateness === null ? '-' : `${digits(lateness.p50)} / ${digits(lateness.p99)}`;
}

/** Ours in terms of each peer: on a noisy machine ratios within one run say more than figures. */
function ratioNotes(rows: readonly Row[]): string[] {
  const ours = rows.find(({ generator }) => generator === engine);
  if (ours === undefined) return [];
  const peers = rows.filter(({ generator }) => !generator.name.startsWith('zdd-verify') && generator.loop === 'open');
  return peers.map(({ generator, trials, best }) => {
    const ratios = RATES.map((rate, index) => {
      const [mine, other] = [ours.trials[index], trials[index]];
      if (mine === undefined || other === undefined) return '';
      const steady = (mine.steadyCpuUs ?? Number.NaN) / (other.steadyCpuUs ?? Number.NaN);
      return `${digits(mine.cpuUs / other.cpuUs)} (${digits(steady)}) at ${digits(rate)}/s`;
    });
    const held = digits((ours.best?.askedPerSec ?? Number.NaN) / (best?.askedPerSec ?? Number.NaN));
    return `engine / ${generator.name}: CPU per request ${ratios.join(', ')}; held rate ${held}`;
  });
}

function shortfalls(rows: readonly Row[]): string[] {
  return rows.flatMap(({ generator, trials }) =>
    trials
      .filter(({ held }) => !held)
      .map(({ askedPerSec, why }) => `${generator.name} did not hold ${digits(askedPerSec)}/s: ${why}`),
  );
}

/** Where all connections are busy an open loop opens more, which costs more than the requests themselves. */
function openings(rows: readonly Row[]): string[] {
  return rows.flatMap(({ generator, trials }) => {
    const more = trials.filter(({ opened }) => opened > 2 * CONNECTIONS);
    if (more.length === 0) return [];
    const counts = more.map(({ askedPerSec, opened }) => `${digits(opened)} at ${digits(askedPerSec)}/s`);
    return [`${generator.name} opened more than ${CONNECTIONS} connections: ${counts.join(', ')}`];
  });
}
