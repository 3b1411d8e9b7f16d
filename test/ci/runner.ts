import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Contexts, interpolated, isMet } from './expression.js';

export const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

export interface Action {
  inputs: Record<string, { default: string }>;
  outputs: Record<string, { value: string }>;
  runs: { steps: ActionStep[] };
}

export interface ActionStep {
  name?: string;
  id?: string;
  if?: string;
  run?: string;
  uses?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
  'working-directory'?: string;
  'continue-on-error'?: boolean;
}

export async function readAction(): Promise<Action> {
  return parse(await readFile(join(REPOSITORY, 'action.yml'), 'utf8')) as Action;
}

export interface RanStep {
  name: string;
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface RanAction {
  steps: RanStep[];
  /** Other actions that it called, with what they were handed. */
  used: { uses: string; with: Record<string, string> }[];
  outputs: Record<string, string>;
  summary: string;
  failed: boolean;
}

export interface RunnerOptions {
  /** The runner's own folder; the checkout is `checkout` in it. */
  folder: string;
  /** Where the action was put; the repository where left out. */
  actionPath?: string;
  inputs?: Record<string, string>;
  env?: Record<string, string>;
  /** Handed the process of each step once it was started. */
  onStep?: (name: string, child: ChildProcess) => void;
}

/** Runs the steps of action.yml as GitHub's runner does: same shell, same files for outputs and summary, same conditions. */
export async function runAction(options: RunnerOptions): Promise<RanAction> {
  const { folder, inputs = {}, onStep } = options;
  const action = await readAction();
  const summaryFile = join(folder, 'summary.md');
  await mkdir(join(folder, 'temp'), { recursive: true });
  await mkdir(join(folder, 'checkout'), { recursive: true });
  await writeFile(summaryFile, '');
  const contexts: Contexts = {
    inputs: {},
    github: { token: 'token-of-the-job', workflow: 'release', job: 'deploy' },
    steps: {},
  };
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    contexts.inputs[name] = inputs[name] ?? interpolated(value, contexts);
  }
  // Each step that has an id can be asked for what it never set.
  for (const { id } of action.runs.steps)
    if (id !== undefined) contexts.steps[id] = { outcome: 'skipped', outputs: {} };
  const ran: RanAction = { steps: [], used: [], outputs: {}, summary: '', failed: false };
  for (const step of action.runs.steps) {
    if (!isMet(step.if, contexts, ran.failed)) continue;
    if (step.uses !== undefined) {
      const handed = Object.entries(step.with ?? {}).map(([key, value]) => [key, interpolated(value, contexts)]);
      ran.used.push({ uses: step.uses, with: Object.fromEntries(handed) });
      continue;
    }
    const { outputs, ...result } = await runStep(step, contexts, options, { summaryFile, onStep });
    ran.steps.push(result);
    if (step.id !== undefined) {
      contexts.steps[step.id] = { outcome: result.exitCode === 0 ? 'success' : 'failure', outputs };
    }
    if (result.exitCode !== 0 && step['continue-on-error'] !== true) ran.failed = true;
  }
  for (const [name, { value }] of Object.entries(action.outputs)) ran.outputs[name] = interpolated(value, contexts);
  ran.summary = await readFile(summaryFile, 'utf8');
  return ran;
}

async function runStep(
  step: ActionStep,
  contexts: Contexts,
  { folder, actionPath = REPOSITORY, env = {} }: RunnerOptions,
  { summaryFile, onStep }: { summaryFile: string; onStep: RunnerOptions['onStep'] },
): Promise<RanStep & { outputs: Record<string, string> }> {
  const name = step.name ?? step.id ?? '';
  const outputFile = join(folder, 'outputs');
  const script = join(folder, 'temp', 'step.sh');
  await writeFile(outputFile, '');
  // No expression is put into the script: the action has none there, which another test makes sure of.
  await writeFile(script, step.run ?? '');
  const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, interpolated(value, contexts)]);
  const cwd = resolve(folder, 'checkout', interpolated(step['working-directory'] ?? '.', contexts));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', script], {
    cwd,
    env: {
      ...{ PATH, HOME, CI: 'true', GITHUB_ACTIONS: 'true', RUNNER_TEMP: join(folder, 'temp') },
      ...{ GITHUB_WORKSPACE: join(folder, 'checkout'), GITHUB_ACTION_PATH: actionPath },
      ...{ GITHUB_OUTPUT: outputFile, GITHUB_STEP_SUMMARY: summaryFile },
      ...env,
      ...Object.fromEntries(own),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  onStep?.(name, child);
  const exitCode = await new Promise<number | null>((done) => child.on('close', done));
  const outputs = Object.fromEntries(
    (await readFile(outputFile, 'utf8')).split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)]] : [];
    }),
  );
  return { name, exitCode, stdout: stdout(), stderr: stderr(), outputs };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

/** The action as it lies in an npm package, with `main` for the command. */
export async function packagedAction(folder: string, main: string): Promise<string> {
  const path = join(folder, 'package');
  await cp(join(REPOSITORY, 'ci'), join(path, 'ci'), { recursive: true });
  await mkdir(join(path, 'dist/cli'), { recursive: true });
  await writeFile(join(path, 'package.json'), JSON.stringify({ name: 'zdd-verify', version: '0.1.0', type: 'module' }));
  await writeFile(join(path, 'dist/cli/main.js'), main);
  return path;
}
