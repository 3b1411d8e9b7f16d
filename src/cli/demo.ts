import { rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { messageOf, ZddError } from '../model/errors.js';
import { freePort } from '../platform/ports.js';
import { loadScenario } from '../scenario/load.js';
import { didYouMean } from '../scenario/suggest.js';
import { type DemoPlace, prepareDemo } from './demo-place.js';
import { execute } from './execute.js';
import { livePageOf } from './live-page/options.js';
import { packageDir } from './package-info.js';
import { shippedCases } from './scenarios.js';

interface DemoOptions {
  break?: string;
  out: string;
  quiet?: boolean;
  json?: boolean;
  ui?: boolean;
}

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'A real release on this machine: a web app under PM2 on PostgreSQL, built, migrated, switched, reloaded and rolled back under 200 requests a second. Takes about a minute, needs npm only.',
    )
    .option(
      '--break <name>',
      'the same release with one mistake: restart, fork, slow-boot, no-drain, sync-exit, drop-column, slow-lock, no-op, bad-release',
    )
    .option('--out <dir>', 'folder the run directory is made in', 'reports')
    .option('--ui', 'serve the growing report on loopback')
    .option('--quiet', 'only the end on stderr')
    .option('--json', 'events as ndjson on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  $ zdd-verify demo                      zero downtime, exit 0\n  $ zdd-verify demo --break restart      downtime, exit 99\n  $ zdd-verify demo --break no-op        nothing changed: inconclusive, exit 98',
    )
    .action(async (options: DemoOptions) => {
      const source = join(packageDir(), 'scenarios', 'pm2-cluster');
      const mistake = await breakOf(source, options.break);
      const out = resolve(options.out);
      const place = await prepareDemo(source, (line) => process.stderr.write(`${line}\n`));
      try {
        const { exitCode } = await runDemo(place, mistake, { ...options, out });
        process.exitCode = exitCode;
      } finally {
        await rm(place.root, { recursive: true, force: true }).catch((error) => {
          process.stderr.write(`the demo left ${place.root} behind: ${messageOf(error)}\n`);
        });
      }
    });
}

async function runDemo(place: DemoPlace, set: Record<string, string>, options: DemoOptions) {
  // The scripts of the demo run on the very Node this process runs on.
  process.env.PATH = `${dirname(process.execPath)}:${process.env.PATH ?? ''}`;
  const values = { ROOT: place.root, PORT: String(await freePort()), ...set };
  const scenario = await loadScenario(join(place.folder, 'scenario.yaml'), {
    set: Object.entries(values).map(([name, value]) => `${name}=${value}`),
    env: process.env,
  });
  return execute(scenario, {
    out: options.out,
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    ui: livePageOf({ ui: options.ui ?? false }),
  });
}

async function breakOf(source: string, name: string | undefined): Promise<Record<string, string>> {
  if (name === undefined) return {};
  const { cases } = await shippedCases(source);
  const found = cases.find((each) => each.name === name);
  if (found !== undefined) return found.set;
  const names = cases.filter(({ set }) => Object.keys(set).length > 0).map((each) => each.name);
  throw new ZddError('USAGE', `the demo has no mistake called ${name}${didYouMean(name, names)}`, {
    hint: `they are ${names.join(', ')}`,
  });
}
