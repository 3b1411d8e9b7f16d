import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** A program that ran to its end, and what it cost. */
export interface Measured {
  code: number | null;
  stdout: string;
  stderr: string;
  seconds: number;
  /** User + system time of the process and its children, from start to exit, µs. */
  cpuUs: number;
  /** User + system time per second of wall time in the middle of the run (no start, no end), µs; null where unknown. */
  steadyUsPerSec: number | null;
  /** Highest resident memory seen, bytes; null where the system does not say. */
  peakBytes: number | null;
}

export interface MeasureOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** How long it works: decides what its middle is, and when it is given up. */
  seconds: number;
  /** Called as soon as it runs. */
  onStarted?(): void;
}

/** The server's core and the generator's: two cores keep them apart; null where there is one, or no `taskset`. */
export const PINNING: { server: string; generator: string } | null =
  availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0 ? { server: '0', generator: '1' } : null;

export function pinned(core: 'server' | 'generator', argv: readonly string[]): string[] {
  return PINNING === null ? [...argv] : ['taskset', '-c', PINNING[core], ...argv];
}

const LOOK_EVERY_MS = 100;
/** Beyond its own duration a program may take this long to start, to read its last answers and to report. */
const GRACE_MS = 60_000;
/** Left out of the steady part at the beginning and at the end of the run, s. */
const START_SEC = 1.5;
const END_SEC = 0.5;

/** Runs a program on the generator's core. The shell's `time` knows the whole CPU time, as `wait4` gave it. */
export async function measureProcess(argv: readonly string[], options: MeasureOptions): Promise<Measured> {
  // The program's own stderr goes to the shell's third stream; the shell's stderr has the times alone.
  const script = 'TIMEFORMAT="%3U %3S"; { time "$@" 2>&3; }';
  const startedAt = performance.now();
  const shell = spawn('bash', ['-c', script, 'bash', ...pinned('generator', argv)], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
  });
  const stdout = textOf(shell.stdio[1]);
  const times = textOf(shell.stdio[2]);
  const stderr = textOf(shell.stdio[3]);
  const closed = once(shell, 'close');
  const usage: Usage[] = [];
  const look = setInterval(() => {
    const at = usageOf(shell, (performance.now() - startedAt) / 1000);
    if (at !== null) usage.push(at);
  }, LOOK_EVERY_MS);
  const giveUp = setTimeout(() => killGroup(shell), options.seconds * 1000 + GRACE_MS);
  const leave = (): void => killGroup(shell);
  process.once('exit', leave);
  options.onStarted?.();
  try {
    const [code] = (await closed) as [number | null];
    const [user = 0, system = 0] = times().trim().split('\n').at(-1)!.split(' ').map(Number);
    return {
      code,
      stdout: stdout(),
      stderr: stderr(),
      seconds: (performance.now() - startedAt) / 1000,
      cpuUs: (user + system) * 1e6,
      steadyUsPerSec: steadyOf(usage, options.seconds),
      peakBytes: usage.length === 0 ? null : Math.max(...usage.map(({ peakBytes }) => peakBytes)),
    };
  } finally {
    clearInterval(look);
    clearTimeout(giveUp);
    process.off('exit', leave);
  }
}

interface Usage {
  atSec: number;
  cpuNs: number;
  peakBytes: number;
}

/** The program is the only child of the shell. Times of its threads are exact to the nanosecond, unlike `stat`. */
function usageOf(shell: ChildProcess, atSec: number): Usage | null {
  try {
    const [pid] = readFileSync(`/proc/${shell.pid}/task/${shell.pid}/children`, 'utf8').split(' ');
    if (pid === undefined || pid === '') return null;
    const threads = readdirSync(`/proc/${pid}/task`);
    const cpuNs = threads
      .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, each) => sum + each, 0);
    const [, kib = '0'] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { atSec, cpuNs, peakBytes: Number(kib) * 1024 };
  } catch {
    return null;
  }
}

function steadyOf(usage: readonly Usage[], seconds: number): number | null {
  const middle = usage.filter(({ atSec }) => atSec >= START_SEC && atSec <= seconds - END_SEC);
  const [first, last] = [middle[0], middle.at(-1)];
  if (first === undefined || last === undefined || last.atSec - first.atSec < 1) return null;
  return (last.cpuNs - first.cpuNs) / 1000 / (last.atSec - first.atSec);
}

const MOST_TEXT = 16 * 1024 * 1024;

function textOf(stream: unknown): () => string {
  let text = '';
  (stream as NodeJS.ReadableStream).on('data', (chunk: Buffer) => {
    if (text.length < MOST_TEXT) text += chunk.toString();
  });
  return () => text;
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
