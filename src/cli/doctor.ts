import { resolve } from 'node:path';
import { Command } from 'commander';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import type { Check } from './doctor/check.js';
import { type Style, styleOf } from './terminal/style.js';
import { flow, plainText } from './terminal/text.js';

/** `zdd-verify doctor [scenario]`: what would disturb a run here, and the fix. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'Checks what a run needs of this machine and, with a scenario, its programs and its target. Sends one request to each reading flow and each probe that only reads, and changes nothing.',
    )
    .argument('[scenario]', 'scenario file')
    .option('--out <dir>', 'folder a run directory would be made in')
    .option('--set <name=value>', 'set a variable or a field (traffic.rate=50/s); may be repeated', collect, [])
    .option('--json', 'as JSON: { usable, exitCode, checks: [{ name, state, found, fix, about }] }')
    .addHelpText(
      'after',
      `
Exit codes:
  0   usable: nothing is MISSING (a WARN may still disturb a run)
  2   the scenario is invalid
  94  the target does not answer as the scenario expects
  98  this machine cannot measure as it is

Examples:
  $ zdd-verify doctor                    this machine alone, and where to begin
  $ zdd-verify doctor deploy/zdd.yaml --set RELEASE=v2
  $ zdd-verify doctor deploy/zdd.yaml --set target.url=http://127.0.0.1:8080`,
    )
    .action(async (file: string | undefined, options: DoctorOptions) => {
      const checks = await checkAll(file, options);
      const exitCode = exitCodeFor(checks);
      const text = options.json
        ? JSON.stringify({ usable: exitCode === EXIT.PASS, exitCode, checks }, null, 2)
        : describeChecks(checks, styleOf(process.stdout, process.env)).join('\n');
      process.stdout.write(`${text}\n`);
      if (file === undefined && !options.json) {
        const { firstSteps } = await import('./doctor/first-steps.js');
        process.stderr.write(`${(await firstSteps(process.cwd(), process.env)).join('\n')}\n`);
      }
      process.exitCode = exitCode;
    });
}

interface DoctorOptions {
  out?: string;
  set: string[];
  json?: true;
}

async function checkAll(file: string | undefined, options: DoctorOptions): Promise<Check[]> {
  const { checkMachine, USUAL_DEMAND } = await import('./doctor/machine-checks.js');
  if (file === undefined) return checkMachine(USUAL_DEMAND, resolve(options.out ?? 'reports'));
  const [{ loadScenario }, { peakRate }, { checkScenario }] = await Promise.all([
    import('../scenario/load.js'),
    import('../scenario/rates.js'),
    import('./doctor/scenario-checks.js'),
  ]);
  const scenario = await loadScenario(file, { set: options.set, env: process.env });
  const { streams, keepaliveShare, maxInFlight } = scenario.traffic;
  const ratePerSec = peakRate(
    streams,
    [...scenario.steps, ...scenario.rollback].map((step) => step.ratePerSec ?? 0),
  );
  const demand = { ratePerSec, freshPerSec: ratePerSec * (1 - keepaliveShare), maxInFlight };
  const outputDir = resolve(options.out ?? scenario.outputDir);
  return [...(await checkMachine(demand, outputDir)), ...(await checkScenario(scenario))];
}

/** A target that is not there outranks the machine: it is the first thing to mend. */
export function exitCodeFor(checks: readonly Check[]): ExitCode {
  const broken = checks.filter(({ state }) => state === 'MISSING');
  if (broken.some(({ about }) => about === 'target')) return EXIT.PREFLIGHT;
  return broken.length > 0 ? EXIT.INCONCLUSIVE : EXIT.PASS;
}

/** One line a check, its fix below it, and a sentence at the end. */
export function describeChecks(checks: readonly Check[], style: Style): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const paint = { OK: style.green, NOTE: style.cyan, WARN: style.yellow, MISSING: style.red };
  const lines = checks.flatMap(({ name, state, found, fix }) => [
    `${paint[state](state.padEnd(7))}  ${plainText(name).padEnd(width)}  ${plainText(found)}`,
    ...(fix === '' ? [] : flow(plainText(fix).split(' '), 100, ' ').map((line) => `${' '.repeat(width + 11)}${line}`)),
  ]);
  const count = (state: Check['state']) => checks.filter((check) => check.state === state).length;
  const sentence =
    count('MISSING') > 0
      ? `Not usable: ${count('MISSING')} missing.`
      : count('WARN') > 0
        ? `Usable, with ${count('WARN')} warning${count('WARN') === 1 ? '' : 's'}.`
        : 'Usable.';
  return [...lines, '', sentence];
}

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}
