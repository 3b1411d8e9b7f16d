import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readAlive } from '../conductor/alive.js';
import { ZddError } from '../model/errors.js';
import { MOVES_TRAFFIC } from '../model/phase.js';
import { openInBrowser } from '../platform/browser.js';
import { endedWithin, isAlive } from '../platform/process-group.js';
import { scenarioFromCommand } from '../scenario/from-command.js';
import { loadScenario } from '../scenario/load.js';
import { createRedactor } from '../scenario/redact.js';
import type { Scenario } from '../scenario/scenario.js';
import { earlierRuns } from './base-runs.js';
import { dryRunLines } from './dry-run.js';
import { followShard } from './follow-shard.js';
import { livePageOf } from './live-page/options.js';
import { runRepeatedly } from './repeat.js';
import { judgeRecord } from './results.js';
import { type ShardFlags, shardRole } from './shards.js';
import { plainText } from './terminal/text.js';

interface RunOptions extends ShardFlags {
  out?: string;
  rate?: string;
  set: string[];
  only?: string[];
  skip?: string[];
  rehearsal?: string;
  url?: string;
  rollback?: string;
  dryRun?: boolean;
  json?: boolean;
  quiet?: boolean;
  baseline: string[];
  resume?: string;
  repeat?: string;
  open?: boolean;
  ui?: boolean;
  uiPort?: string;
}

const MOST_REPEATS = 1000;

export function runCommand(): Command {
  return new Command('run')
    .description(
      'Drives traffic at the target while the release runs; writes a run directory, a verdict and an exit code.',
    )
    .argument('[scenario]', 'scenario file (YAML, JSON or TypeScript)')
    .argument('[command...]', 'with --url: the deploy command, behind `--`')
    .option('--out <dir>', 'folder the run directory is made in (default: outputs.dir of the scenario, else reports)')
    .option('--rate <rate>', 'arrivals per second, such as 200/s')
    .option('--set <name=value>', 'set a variable or a field (traffic.rate=50/s); may be repeated', collect, [])
    .option('--only <step...>', 'run these steps only')
    .option('--skip <step...>', 'leave these steps out')
    .option('--rehearsal <how>', 'rollback, rollback-forward or none')
    .option('--url <url>', 'without a scenario: the target of a deploy command')
    .option('--rollback <command>', 'with --url: how to undo the deploy')
    .option('--dry-run', 'say what would be run, and run nothing')
    .option('--json', 'events as ndjson on stdout')
    .option('--quiet', 'only the end on stderr')
    .option('--resume <dir>', 'with --only rollback: undo what the killed run in this directory left behind')
    .option('--repeat <n>', 'release n times, going back in between; says how many harmed users, and the bound')
    .option('--ui', 'serve the growing report on loopback')
    .option('--ui-port <port>', 'where --ui serves it (default: any free port)')
    .option('--open', 'open the report in the browser at the end; with --ui the live page at once')
    .option('--baseline <run>', 'compare with an earlier run, or a folder of them; may be repeated', collect, [])
    .option('--shard <i/n>', 'send one of n shares of the traffic; shard 1 conducts the release, the others join it')
    .option('--listen <host:port>', 'with --shard 1/n: where the others join')
    .option('--conductor <host:port>', 'with --shard i/n: where shard 1 listens')
    .option('--token-file <file>', 'with --shard: what every shard of the run has to know (or ZDD_SHARD_TOKEN)')
    .option('--join-within <duration>', 'with --shard: how long is waited for the others (default: 2m)')
    .addHelpText('after', EXAMPLES)
    .action(async (first: string | undefined, rest: string[], options: RunOptions) => {
      const role = shardRole(options, process.env);
      if (role !== null) refuseBeside(options);
      const declared = await scenarioOf(first, rest, options);
      const selected = select(declared, options);
      const goesBack = movesTraffic(selected) || !movesTraffic(declared) || saysRehearsal(options);
      const scenario: Scenario = goesBack ? selected : { ...selected, rehearsal: 'none' };
      if (!goesBack && selected.rehearsal !== 'none') say(NOT_REHEARSED);
      if (options.dryRun) return dryRun(scenario);
      const undo = options.resume === undefined ? null : await leftBehind(options.resume, options.only);
      if (role !== null && role.number > 1) {
        const { json = false, quiet = false } = options;
        process.exitCode = (
          await followShard(scenario, role, { out: options.out ?? scenario.outputDir, json, quiet })
        ).exitCode;
        return;
      }
      const settings = {
        ...(role === null ? {} : { shards: role }),
        out: options.out ?? scenario.outputDir,
        json: options.json ?? false,
        quiet: options.quiet ?? false,
        base: earlierRuns(options.baseline, scenario.name),
        ...(undo === null ? {} : { undo }),
        ui: livePageOf(options),
      };
      process.exitCode = await runRepeatedly(
        scenario,
        settings,
        { planned: repeats(options.repeat), goesBack },
        async (dir) => {
          if (options.open && options.ui === undefined) await openInBrowser(join(dir, 'report.html'));
        },
      );
    });
}

const EXAMPLES = `
Examples:
  $ zdd-verify run deploy/zdd.yaml
  $ zdd-verify run deploy/zdd.yaml --set RELEASE=9f3c1a2 --rate 500/s
  $ zdd-verify run deploy/zdd.yaml --dry-run
  $ zdd-verify run deploy/zdd.yaml --ui --open
  $ zdd-verify run deploy/zdd.yaml --baseline reports
  $ zdd-verify run deploy/zdd.yaml --shard 1/4 --listen 0.0.0.0:7070 --token-file token
  $ zdd-verify run deploy/zdd.yaml --shard 2/4 --conductor load-1:7070 --token-file token
  $ zdd-verify run --url http://127.0.0.1:8080 --rate 100/s --rollback ./undo.sh -- ./deploy.sh v2

The last line of stdout is the run directory. Exit codes: \`zdd-verify explain 99\` and so on.`;

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

async function scenarioOf(first: string | undefined, rest: string[], options: RunOptions): Promise<Scenario> {
  const argv = [...(first === undefined ? [] : [first]), ...rest];
  if (options.url !== undefined) {
    if (argv.length === 0)
      throw new ZddError('USAGE', '--url needs a deploy command: zdd-verify run --url URL -- COMMAND...');
    const other = (['only', 'skip', 'resume'] as const).find((name) => options[name] !== undefined);
    const misplaced = options.set.length > 0 ? 'set' : other;
    if (misplaced !== undefined)
      throw new ZddError('USAGE', `--${misplaced} goes with a scenario file, not with --url`);
    return scenarioFromCommand({
      url: options.url,
      rate: options.rate ?? null,
      rollback: options.rollback ?? null,
      rehearsal: options.rehearsal ?? null,
      command: argv,
    });
  }
  if (options.rollback !== undefined)
    throw new ZddError('USAGE', '--rollback goes with --url; a scenario says its own');
  if (first === undefined) {
    throw new ZddError('USAGE', 'run needs a scenario file, or --url URL -- COMMAND', {
      hint: existsSync('scenario.yaml')
        ? 'there is one here: zdd-verify run scenario.yaml'
        : 'zdd-verify init writes one; zdd-verify demo shows a whole run',
    });
  }
  if (rest.length > 0)
    throw new ZddError('USAGE', `unexpected argument ${rest[0]}`, { hint: 'options come before the scenario file' });
  const set = [...options.set];
  if (options.rate !== undefined) set.push(`traffic.rate=${options.rate}`);
  if (options.rehearsal !== undefined) set.push(`rehearsal=${options.rehearsal}`);
  return await loadScenario(first, { set, env: process.env });
}

/** What says nothing of a share of the traffic. */
const NOT_SHARED = { repeat: '--repeat', resume: '--resume', ui: '--ui', url: '--url' } as const;

function refuseBeside(options: RunOptions): void {
  for (const [key, flag] of Object.entries(NOT_SHARED)) {
    if (options[key as keyof typeof NOT_SHARED] !== undefined)
      throw new ZddError('USAGE', `${flag} does not go with --shard`);
  }
}

/** What the run in `dir` knows and its rollback needs, once nobody acts for that run any more. */
async function leftBehind(
  dir: string,
  only: string[] | undefined,
): Promise<{ dir: string; baselineVersion: string | null }> {
  if (only?.length !== 1 || only[0] !== 'rollback') {
    throw new ZddError('NOT_SUPPORTED', '--resume works with --only rollback', {
      hint: `run SCENARIO --only rollback --resume ${dir}`,
    });
  }
  await untilLeft(dir);
  const { run } = await judgeRecord(dir);
  const baseline = run.phases.findIndex(({ kind }) => kind === 'baseline');
  const seen = run.cells.filter(({ phase, version }) => phase === baseline && version !== null);
  const most = seen.toSorted((a, b) => b.ok - a.ok)[0];
  return { dir, baselineVersion: most?.version ?? null };
}

/** Its watchdog lets a rollback go on for ten minutes at most, and runs the teardown then. */
const WATCHDOG_MS = 15 * 60_000;

/** Waits until the watchdog of the killed run in `dir` has ended: two rollbacks at once would undo each other. */
async function untilLeft(dir: string): Promise<void> {
  const alive = readAlive(dir);
  if (alive === null) return;
  if (isAlive(alive.pid, alive.startTicks)) {
    throw new ZddError('TARGET_LOCKED', `the run in ${dir} is still going on, as process ${alive.pid}`, {
      hint: 'wait for it to end',
    });
  }
  const { watchdog = null } = alive;
  if (watchdog === null || !isAlive(watchdog.pid, watchdog.startTicks)) return;
  say(`waiting for process ${watchdog.pid}, which brings to an end what the killed run was doing`);
  if (await endedWithin(watchdog.pid, watchdog.startTicks, WATCHDOG_MS)) return;
  throw new ZddError(
    'TARGET_LOCKED',
    `process ${watchdog.pid} still waits for what the run in ${dir} was doing when it was killed`,
    { hint: 'look after it by hand; two rollbacks at once would undo each other' },
  );
}

/** What is said where the selected steps leave users where they are. */
const NOT_REHEARSED =
  'none of these steps moves traffic: the rollback is not rehearsed, as it would undo a release that was not made (--rehearsal HOW decides)';

function movesTraffic({ steps, rollback }: Scenario): boolean {
  // The way back alone has no steps.
  const isUndo = steps.length === 0 && rollback.length > 0;
  return isUndo || steps.some(({ kind }) => MOVES_TRAFFIC.includes(kind));
}

function saysRehearsal({ rehearsal, set }: RunOptions): boolean {
  return rehearsal !== undefined || set.some((each) => each.startsWith('rehearsal='));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function repeats(text: string | undefined): number {
  const count = text === undefined ? 1 : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MOST_REPEATS) {
    throw new ZddError('USAGE', `--repeat takes a whole number from 1 to ${MOST_REPEATS}, not ${text}`);
  }
  return count;
}

/** Leaves out the steps that are not asked for. Setup and teardown always stay. */
function select(scenario: Scenario, { only, skip, resume }: RunOptions): Scenario {
  if (only?.includes('rollback') && !scenario.steps.some(({ name }) => name === 'rollback')) {
    if (resume === undefined) {
      throw new ZddError('USAGE', '--only rollback needs --resume DIR, the run whose release is to be undone');
    }
    if (scenario.rollback.length === 0) throw new ZddError('USAGE', 'the scenario defines no rollback');
    return { ...scenario, setup: [], steps: [], teardown: [] };
  }
  const known = scenario.steps.map(({ name }) => name);
  const unknown = [...(only ?? []), ...(skip ?? [])].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ZddError('USAGE', `the scenario has no step ${unknown}`, { hint: `its steps are ${known.join(', ')}` });
  }
  const steps = scenario.steps.filter(
    ({ name }) => (only === undefined || only.includes(name)) && !skip?.includes(name),
  );
  if (steps.length === 0) throw new ZddError('USAGE', 'no step is left to run');
  return { ...scenario, steps };
}

function dryRun(scenario: Scenario): void {
  const redact = createRedactor(scenario.secrets);
  process.stderr.write(
    `${dryRunLines(scenario)
      .map((line) => plainText(redact(line)))
      .join('\n')}\n`,
  );
}
