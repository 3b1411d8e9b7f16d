import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { messageOf, ZddError } from '../model/errors.js';
import { EXIT } from '../model/exit-codes.js';
import { STRATEGIES, STRATEGY_NAMES } from '../scenario/strategies/registry.js';
import type { Strategy } from '../scenario/strategies/strategy.js';
import { didYouMean } from '../scenario/suggest.js';
import { versionInAnswers } from './init/answers.js';
import type { Answers } from './init/ask.js';
import { foundLines } from './init/found.js';
import { needsOf } from './init/needs.js';
import { nextLines } from './init/next.js';
import { type Clues, type Frame, frameOf, isScriptAlone, lookInto, type Way, waysOf } from './init/proposal.js';
import { type Draft, presetText, scenarioText } from './init/scenario-text.js';
import { gapsIn } from './init/strategy-lines.js';
import { type StrategyGuesses, scalar, strategyGuesses } from './init/strategy-options.js';
import { CI_SYSTEMS, type CiFile, type CiSystem, ciFiles } from './init-ci.js';
import { canRedraw } from './terminal/style.js';
import { plainText } from './terminal/text.js';

export { presetText } from './init/scenario-text.js';

interface InitOptions {
  preset?: string;
  dir: string;
  list?: true;
  ci?: string;
  yes?: true;
}

const FILE = 'scenario.yaml';

/** A file that is to be written, and what there is to say of it. */
interface Output {
  path: string;
  /** Called once the outputs before it are written. */
  make(): { text: string; note: string } | Promise<{ text: string; note: string }>;
}

/** `zdd-verify init`: a scenario to begin with, from what the folder shows. It never writes over a file. */
export function initCommand(): Command {
  return new Command('init')
    .description(
      'Looks into the folder, and writes a scenario for the way the app is released. On a terminal it asks; with --yes, --preset or --ci, or without a terminal, it does not. Asks a few routes of the app that runs what release they are of, executes nothing, and never overwrites.',
    )
    .addOption(named('--preset <name>', 'the way to release; `--list` has them', STRATEGY_NAMES))
    .option('--dir <folder>', `where ${FILE} is written; made where it does not exist`, '.')
    .option('--list', 'list the presets')
    .option('--yes', 'take what the folder shows, ask nothing')
    .addOption(named('--ci <system>', 'also a CI job; for a scenario that is there already the job alone', CI_SYSTEMS))
    .addHelpText('after', helpAfter())
    .action(async (options: InitOptions) => {
      if (options.list) {
        process.stdout.write(`${presetLines().join('\n')}\n`);
        return;
      }
      const strategy = options.preset === undefined ? null : presetNamed(options.preset);
      await init(options, strategy, options.ci === undefined ? null : ciSystemNamed(options.ci));
    });
}

/** An option whose values are known, also to completion; what is wrong is said in words of our own. */
function named(flags: string, description: string, values: readonly string[]): Option {
  const option = new Option(flags, description);
  option.argChoices = [...values];
  return option;
}

function helpAfter(): string {
  return `
Presets:
${presetLines()
  .map((line) => `  ${line}`)
  .join('\n')}

Examples:
  $ zdd-verify init                                          looks, asks, writes ${FILE}
  $ zdd-verify init --yes --ci github                        asks nothing; also the job of a pipeline
  $ zdd-verify init --preset gunicorn-symlink --dir deploy
  $ zdd-verify validate deploy/${FILE} --print-effective     the steps it stands for
  $ zdd-verify doctor deploy/${FILE}                         what is missing on this machine`;
}

function presetLines(): string[] {
  const width = Math.max(...STRATEGY_NAMES.map((name) => name.length));
  return STRATEGIES.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`);
}

function presetNamed(preset: string): Strategy {
  const found = STRATEGIES.find(({ name }) => name === preset);
  if (found !== undefined) return found;
  throw new ZddError('USAGE', `there is no preset \`${preset}\`${didYouMean(preset, STRATEGY_NAMES)}`, {
    hint: `there are ${STRATEGY_NAMES.join(', ')}`,
  });
}

function ciSystemNamed(name: string): CiSystem {
  const found = CI_SYSTEMS.find((system) => system === name);
  if (found !== undefined) return found;
  throw new ZddError('USAGE', `there is no CI job for \`${name}\`${didYouMean(name, CI_SYSTEMS)}`, {
    hint: `there are jobs for ${CI_SYSTEMS.join(', ')}`,
  });
}

async function init(options: InitOptions, strategy: Strategy | null, system: CiSystem | null): Promise<void> {
  const file = join(options.dir, FILE);
  const jobs = system === null ? [] : jobsFor(system, file);
  for (const { path } of jobs) await refuseToOverwrite(path);
  const isJobAlone = system !== null && strategy === null && (await exists(file));
  if (!isJobAlone) await refuseToOverwrite(file);
  const asks = strategy === null && system === null && options.yes === undefined && isTerminal();
  const scenario = isJobAlone ? null : await scenarioFor(options.dir, strategy, asks);
  if (scenario === 'ended') {
    process.exitCode = EXIT.SIGINT;
    return;
  }
  const written = await writeAll([
    ...(scenario === null ? [] : [{ path: file, make: () => ({ text: scenario.text, note: '' }) }]),
    ...jobs,
  ]);
  for (const { path, note } of written) {
    process.stderr.write(`wrote ${plainText(path)}${note === '' ? '' : `: ${plainText(note)}`}\n`);
    // A terminal shows both streams: there the path was said.
    if (process.stdout.isTTY !== true) process.stdout.write(`${path}\n`);
  }
  const lines = await nextLines(file, { command: scenario?.command ?? null, env: process.env });
  process.stderr.write(`${lines.join('\n')}\n`);
}

function jobsFor(system: CiSystem, file: string): Output[] {
  const scenario = relative('.', file).split('\\').join('/');
  return ciFiles(system, { scenario }).map(({ path }, index) => ({
    path,
    make: async () => ciFiles(system, { scenario, needs: await needsOf(file) })[index] as CiFile,
  }));
}

/** Whether there is a person to ask, and a terminal with room for a question. */
function isTerminal(): boolean {
  const { stdin, stderr, env } = process;
  return stdin.isTTY === true && canRedraw(stderr, env) && (stderr.columns ?? 0) >= NARROWEST;
}

const NARROWEST = 20;

/** The text of the scenario, and the deploy command that could be wrapped without one; `ended` by the user. */
async function scenarioFor(
  dir: string,
  strategy: Strategy | null,
  asks: boolean,
): Promise<{ text: string; command: string | null } | 'ended'> {
  // The project is the current folder, unless the scenario is to stand elsewhere.
  const below = relative('.', dir);
  const isInside = !below.startsWith('..') && resolve(below) === resolve(dir);
  const root = isInside ? process.cwd() : resolve(dir);
  const up = isInside ? relative(dir, '.') : '';
  const clues = await lookInto(root);
  const folder = basename(root);
  if (strategy !== null) {
    const frame = await withAnswers(frameOf(clues, strategy.name, 'shop'));
    return { text: presetText(strategy, frame, strategyGuesses(strategy.name, clues, up)), command: null };
  }
  const ways = waysOf(clues);
  const frameFor = (way: Way): Frame => frameOf(clues, way.name, folder);
  const first = ways[0] ?? { name: 'gunicorn-symlink', from: null, own: null };
  const command = isScriptAlone(clues) ? (clues.commands.deploy?.value ?? null) : null;
  if (asks) {
    const { askAll } = await import('./init/ask.js');
    const answers = await askAll(foundLines(clues, ways, frameFor(first)), choicesOf(ways, clues, up), frameFor);
    return answers === null ? 'ended' : { text: scenarioText(draftOf(answers, clues, up)), command };
  }
  if (ways.length === 0) {
    throw new ZddError('USAGE', 'nothing here shows how the app is released, and there is no terminal to ask on', {
      hint: `name it: --preset ${STRATEGY_NAMES.join(' | ')}; or wrap a deploy script: zdd-verify run --url URL -- ./deploy.sh`,
    });
  }
  const frame = await withAnswers(frameFor(first));
  for (const line of foundLines(clues, ways, frame)) process.stderr.write(`${plainText(line)}\n`);
  const answers = { way: first, frame, own: first.own, options: new Map() };
  return { text: scenarioText(draftOf(answers, clues, up)), command };
}

/** With what the answers of the app say. An address that nobody has confirmed is only asked on this machine. */
async function withAnswers(frame: Frame): Promise<Frame> {
  const host = frame.url === null ? '' : new URL(frame.url.value).hostname;
  if (!/^(?:127\.[\d.]+|localhost|\[::1\])$/.test(host)) return frame;
  return { ...frame, version: (await versionInAnswers(frame)) ?? frame.version };
}

function choicesOf(ways: readonly Way[], clues: Clues, up: string) {
  const others = STRATEGIES.filter(({ name }) => !ways.some((way) => way.name === name));
  const script: Way = {
    name: 'deploy script',
    from: null,
    own: { deploy: { value: './deploy.sh', from: null }, rollback: null, takesRelease: false },
  };
  const all: Way[] = [
    ...ways,
    ...(ways.some(({ own }) => own !== null) ? [] : [script]),
    ...others.map(({ name }): Way => ({ name, from: null, own: null })),
  ];
  return all.map((way) => {
    const strategy = STRATEGIES.find(({ name }) => name === way.name);
    return {
      way,
      label:
        strategy === undefined ? `${way.name}: ${way.own?.deploy.value ?? ''}` : `${way.name}: ${strategy.summary}`,
      gaps: strategy === undefined ? [] : gapsIn(strategy, strategyGuesses(way.name, clues, up)),
    };
  });
}

function draftOf({ way, frame, own, options }: Answers, clues: Clues, up: string): Draft {
  if (own !== null) return { frame, own, strategy: null, up };
  const strategy = presetNamed(way.name);
  const guesses: StrategyGuesses = strategyGuesses(way.name, clues, up);
  for (const [name, value] of options) guesses.options.set(name, { yaml: asOption(value), from: null });
  if (frame.health !== null)
    guesses.options.set('ready', { yaml: scalar(frame.health.value), from: frame.health.from });
  return { frame, own: null, strategy: { strategy, guesses }, up };
}

/** What was typed for an option: a mapping stays one. */
function asOption(text: string): string {
  return /^\{.*\}$/.test(text) ? text : scalar(text);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function refuseToOverwrite(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new ZddError('USAGE', `${path} exists; init never overwrites`, {
    hint: `choose another folder with --dir${path.endsWith(FILE) ? `, or check it: zdd-verify validate ${path}` : ''}`,
  });
}

/** All of them or none: one that cannot be written takes the others back. */
async function writeAll(outputs: readonly Output[]): Promise<{ path: string; note: string }[]> {
  const written: { path: string; note: string }[] = [];
  for (const { path, make } of outputs) {
    try {
      const { text, note } = await make();
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: 'wx' });
      written.push({ path, note });
    } catch (error) {
      for (const each of written) await rm(each.path, { force: true });
      const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
      throw new ZddError('USAGE', isThere ? `${path} exists; init never overwrites` : `${path}: ${messageOf(error)}`, {
        hint: isThere ? 'choose another folder with --dir' : 'choose a folder with --dir in which files can be made',
        cause: error,
      });
    }
  }
  return written;
}
