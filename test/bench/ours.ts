import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Generator, type Load, occurred, type Reading } from './generators.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.js');
const ENGINE_RUN = fileURLToPath(new URL('engine-run.mjs', import.meta.url));

function ownVersion(): string {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
}

/** The traffic engine as a run uses it: its sending thread, and a main thread that takes the samples. */
export const engine: Generator = {
  name: 'zdd-verify engine',
  version: ownVersion,
  getIt: 'npm run build',
  loop: 'open',
  command: (load) => [process.execPath, ENGINE_RUN, JSON.stringify(load)],
  read: (stdout) => JSON.parse(stdout) as Reading,
};

/** A whole run: preflight, recording, judging, every report. */
export const wholeRun: Generator = {
  name: 'zdd-verify run',
  version: ownVersion,
  getIt: 'npm run build',
  loop: 'open',
  command: (load) => {
    const parts = ((load.seconds - WARMUP_SEC) / 2).toFixed(1);
    const steps = [{ name: 'deploy', run: 'true', hold: `${parts}s` }];
    return runCommand(load, { warmup: `${WARMUP_SEC}s`, baseline: `${parts}s`, steps });
  },
  read: readRun,
};

const WARMUP_SEC = 1;

/** The parts of `run.json` that are read here. */
interface RunJson {
  totals: { failed: number; unsent: number; byError: Record<string, number>; requests: number };
  latency: { p99: number };
  generator: { latenessMs: { p50: number; p99: number; max: number } };
  verdict: string;
}

/** Writes a scenario into the load's folder and gives the command line that runs it. */
export function runCommand(load: Load, rest: object): string[] {
  const scenario = {
    version: 1,
    name: 'bench',
    target: { url: load.url, timeout: '10s' },
    traffic: {
      rate: `${load.ratePerSec}/s`,
      connections: { keepalive: '100%', fresh: '0%', pool: load.connections },
      mix: [{ name: 'home', get: '/traffic' }],
    },
    rehearsal: 'none',
    ...rest,
  };
  const file = join(load.folder, 'scenario.json');
  writeFileSync(file, JSON.stringify(scenario));
  return [process.execPath, CLI, 'run', '--quiet', '--out', load.folder, file];
}

/** The last line of stdout is the run directory. */
export function readRun(stdout: string): Reading & { requests: number; verdict: string } {
  const dir = stdout.trimEnd().split('\n').at(-1) ?? '';
  const run = JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8')) as RunJson;
  return {
    failures: run.totals.failed,
    detail: occurred(run.totals.byError),
    p99Ms: run.latency.p99,
    unsent: run.totals.unsent,
    latenessMs: run.generator.latenessMs,
    requests: run.totals.requests,
    verdict: run.verdict,
  };
}
