import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { messageOf, ZddError } from '../model/errors.js';
import { STRATEGIES, STRATEGY_NAMES } from '../scenario/strategies/registry.js';
import type { Strategy } from '../scenario/strategies/strategy.js';
import { didYouMean } from '../scenario/suggest.js';
import { toolVersion } from './package-info.js';

interface InitOptions {
  preset?: string;
  dir: string;
  list?: true;
  ci?: string;
}

const FILE = 'scenario.yaml';

/** `zdd-verify init`: a scenario to begin with. It never writes over a file. */
export function initCommand(): Command {
  return new Command('init')
    .description('Writes a scenario for a known way to release, with comments on what to fill in. Never overwrites.')
    .option('--preset <name>', 'the way to release; `--list` has them')
    .option('--dir <folder>', `where ${FILE} is written; made where it does not exist`, '.')
    .option('--list', 'list the presets')
    .option('--ci <system>', 'also a CI job: not yet supported')
    .addHelpText('after', helpAfter())
    .action(async (options: InitOptions) => {
      if (options.list) {
        process.stdout.write(`${presetLines().join('\n')}\n`);
        return;
      }
      const file = await writePreset(presetNamed(options), options.dir);
      process.stderr.write(
        `wrote ${file}\nFill in what stands in it, then: zdd-verify validate ${file} --print-effective\n`,
      );
      process.stdout.write(`${file}\n`);
    });
}

function helpAfter(): string {
  return `
Presets:
${presetLines()
  .map((line) => `  ${line}`)
  .join('\n')}

Examples:
  $ zdd-verify init --preset gunicorn-symlink --dir deploy
  $ zdd-verify validate deploy/${FILE} --print-effective     the steps it stands for
  $ zdd-verify doctor deploy/${FILE}                         what is missing on this machine`;
}

function presetLines(): string[] {
  const width = Math.max(...STRATEGY_NAMES.map((name) => name.length));
  return STRATEGIES.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`);
}

function presetNamed({ preset, ci }: InitOptions): Strategy {
  if (ci !== undefined) {
    throw new ZddError('NOT_SUPPORTED', `\`init --ci\` is not yet supported in version ${toolVersion()}.`, {
      hint: 'leave it out, and call `zdd-verify run` in a job of your own: its exit code is the gate',
    });
  }
  if (preset === undefined) {
    throw new ZddError(
      'NOT_SUPPORTED',
      `\`init\` that asks questions is not yet supported in version ${toolVersion()}.`,
      {
        hint: `name one: --preset ${STRATEGY_NAMES.join(' | ')}`,
      },
    );
  }
  const found = STRATEGIES.find(({ name }) => name === preset);
  if (found !== undefined) return found;
  throw new ZddError('USAGE', `there is no preset \`${preset}\`${didYouMean(preset, STRATEGY_NAMES)}`, {
    hint: `there are ${STRATEGY_NAMES.join(', ')}`,
  });
}

async function writePreset(strategy: Strategy, dir: string): Promise<string> {
  const file = join(dir, FILE);
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(file, presetText(strategy), { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new ZddError('USAGE', exists ? `${file} exists; init never overwrites` : `${file}: ${messageOf(error)}`, {
      hint: exists ? 'choose another folder with --dir' : 'choose a folder with --dir in which files can be made',
      cause: error,
    });
  }
  return file;
}

/** The scenario that `init --preset` writes. */
export function presetText({ name, summary, preset }: Strategy): string {
  const vars = { RELEASE: '${RELEASE:-v2}', ...preset.vars };
  const indented = preset.options
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  return `# ${name}: ${summary}.
# Say here what you expect, for example: no request fails or stalls; v1 answers, then v2, then, after the rehearsed
# rollback, v1 again. And run it: RELEASE=9f3c1a2 zdd-verify run ${FILE}
version: 1
name: shop
vars:
${Object.entries(vars)
  .map(([variable, value]) => `  ${variable}: "${value}"`)
  .join('\n')}
target:
  url: "\${URL:-http://127.0.0.1:8080}" # where users connect
  timeout: 5s
  version: { header: x-release } # where an answer says its version; or { json: $.version }, { body: "v(\\\\S+)" }
traffic:
  rate: 50/s
  connections: { keepalive: 80%, fresh: 20%, pool: 20 }
  mix: # the routes that matter: also one that writes, and one that is under way for some time
    - { name: home, get: /, expect: 200 }
    # - { name: order, post: /api/orders, json: { sku: A1 }, expect: 201 }
# probes:
#   idle: { connections: 50 }
#   inflight: { get: "/slow?ms=2000", every: 500ms }
baseline: 30s
strategy: # \`zdd-verify validate --print-effective\` shows what it stands for
  ${name}:
${indented}
# Steps of your own stand where their kind belongs; one with the name of a step above takes its place.
# steps:
#   - { name: verify, run: ./deploy/smoke-test.sh }
thresholds:
  rollback_time: ["max<1m"]
`;
}
