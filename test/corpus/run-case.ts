import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { messageOf } from '../../src/model/errors.js';
import type { Case } from './cases.ts';
import { examine, type Finding, filesLike } from './evidence.ts';
import { runnableFolder } from './packages.ts';
import { takePorts } from './ports.ts';
import { endAll, mountsBelow, orphansOf } from './processes.ts';
import { judgedWindow, type RunJson } from './result.ts';
import { broken, type Score, score } from './score.ts';
import { startWitness } from './witness.ts';

export interface Ran {
  score: Score;
  evidence: Finding[];
  /** Processes (ended since) and mounts it left behind. */
  orphans: string[];
  run: RunJson | null;
  seconds: number;
}

export interface Place {
  /** A folder of this corpus run; others may pass through it. */
  folder: string;
  cli: string;
  say(line: string): void;
  /** Where what is left of a run that is not right is put; null to throw it away. */
  keepIn: string | null;
}

/** Runs under way, so that a signal reaches them. */
export const underWay = new Set<ChildProcess>();

const RUN_LIMIT_MS = 300_000;
const END_LIMIT_MS = 90_000;
const STDERR_KEPT = 4000;
const LAST_WORDS_MS = 2000;

export async function runCase(label: Case, name: string, place: Place): Promise<Ran> {
  const root = join(place.folder, name);
  const out = join(place.folder, `${name}-out`);
  mkdirSync(root, { mode: 0o755 });
  let folder: string;
  try {
    folder = runnableFolder(label.folder, place.folder, place.say);
  } catch (error) {
    return { score: broken([messageOf(error)]), evidence: [], orphans: [], run: null, seconds: 0 };
  }
  const ports = await takePorts();
  const witness = await startWitness(ports.first, ports.count);
  const beganAt = performance.now();
  try {
    const ended = await runCli(label, { folder, root, out, port: ports.first, cli: place.cli });
    const seconds = (performance.now() - beganAt) / 1000;
    const left = await endWhatIsLeft(root, place.say);
    const testimony = await witness.end();
    if (ended.run === null) return { score: broken([ended.said]), evidence: [], orphans: left, run: null, seconds };
    const window = judgedWindow(ended.run);
    const evidence = await examine(label.evidence, { root, testimony, window, run: ended.run });
    const result = score(label, ended.run, ended.code, evidence);
    return { score: result, evidence, orphans: left, run: ended.run, seconds };
  } finally {
    await witness.end();
    ports.giveBack();
  }
}

/** Processes and mounts that a case left behind; the processes are ended. */
async function endWhatIsLeft(root: string, say: Place['say']): Promise<string[]> {
  const orphans = await orphansOf(root);
  if (orphans.length > 0) {
    for (const { pid, command } of await endAll(orphans, root)) say(`process ${pid} cannot be ended: ${command}`);
  }
  return [
    ...orphans.map(({ pid, command }) => `${pid} ${command}`),
    ...mountsBelow(root).map((point) => `mount ${point}`),
  ];
}

/** Removes what a run left; of one that is not right the run directory and the logs are kept. */
export function clear(label: Case, name: string, { folder, keepIn }: Place, right: boolean): void {
  const root = join(folder, name);
  const out = join(folder, `${name}-out`);
  if (!right && keepIn !== null) {
    rmSync(keepIn, { recursive: true, force: true });
    const files = label.evidence.flatMap((each) => {
      if ('blocked' in each) return filesLike(root, each.blocked.log);
      return 'file' in each ? filesLike(root, each.file) : [];
    });
    const kept = [...new Set([join(root, 'log'), ...files])];
    for (const path of kept) copy(path, join(keepIn, relative(root, path)));
    copy(out, join(keepIn, 'run'));
  }
  remove(root);
  remove(out);
}

/** Never what is mounted there. */
export function remove(folder: string): void {
  if (mountsBelow(folder).length === 0) rmSync(folder, { recursive: true, force: true });
}

function copy(from: string, to: string): void {
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}

interface Ended {
  code: number | null;
  run: RunJson | null;
  said: string;
}

async function runCli(
  label: Case,
  { folder, root, out, port, cli }: { folder: string; root: string; out: string; port: number; cli: string },
): Promise<Ended> {
  const values = { ROOT: root, PORT: String(port), ...label.set };
  const set = Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const [file = '', ...argv] = [
    ...(label.through ?? []),
    process.execPath,
    cli,
    'run',
    join(folder, 'scenario.yaml'),
    '--quiet',
    '--out',
    out,
    ...set,
  ];
  // In a session of its own: an interrupt from the terminal comes to the corpus, which passes it on once.
  const child = spawn(file, argv, {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  underWay.add(child);
  const limits = [
    setTimeout(() => child.kill('SIGINT'), RUN_LIMIT_MS),
    setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS + END_LIMIT_MS),
  ];
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-STDERR_KEPT);
  });
  try {
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (...end) => resolve(end));
      // A daemon that was left behind may hold the pipes open for ever.
      child.once('exit', (...end) => setTimeout(resolve, LAST_WORDS_MS, end));
    });
    const dir = stdout.trimEnd().split('\n').at(-1) ?? '';
    const json = join(dir, 'run.json');
    const run = dir.startsWith('/') && existsSync(json) ? (JSON.parse(readFileSync(json, 'utf8')) as RunJson) : null;
    return { code, run, said: `exit ${code ?? signal} without a result: ${stderr.trim()}` };
  } finally {
    for (const limit of limits) clearTimeout(limit);
    underWay.delete(child);
  }
}

/** Nothing of a surrounding CI reaches the runs, and the scripts run on the Node that this is. */
function environment(): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(GITHUB_|CI$|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|ROOT$|PORT$|BREAK$|RELEASE$|JITI_)/.test(name),
  );
  return { ...Object.fromEntries(inherited), PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}` };
}
