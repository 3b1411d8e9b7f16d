import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import { stringify } from 'yaml';
import { plural } from '../model/units.js';
import { findProgram } from '../platform/machine.js';
import { loadScenario } from '../scenario/load.js';
import { createRedactor } from '../scenario/redact.js';
import type { Scenario } from '../scenario/scenario.js';
import { expiringSoon } from '../scenario/tls.js';
import type { Step } from '../steps/step.js';
import { programsOf } from './doctor/programs.js';
import { styleOf } from './terminal/style.js';
import { plainText } from './terminal/text.js';

interface ValidateOptions {
  set: string[];
  printEffective?: boolean;
}

/** `validate`: sends nothing, runs nothing. What is wrong is thrown, for the command line to show and to exit with 2. */
export function validateCommand(): Command {
  return new Command('validate')
    .description(
      'Checks a scenario: schema, variables, and whether the commands of its steps can be found. Sends nothing.',
    )
    .argument('[scenario]', 'scenario file (YAML, JSON or TypeScript)', 'scenario.yaml')
    .option('--set <name=value>', 'set a variable or a field (traffic.rate=50/s); may be repeated', collect, [])
    .option('--print-effective', 'print the scenario as it would be run, secrets by their names, as YAML on stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: ValidateOptions) => {
      const scenario = await loadScenario(file, { set: options.set, env: process.env });
      const style = styleOf(process.stderr, process.env);
      const warnings = [
        ...scenario.traffic.endpoints.flatMap(({ tls }) => expiringSoon(tls)),
        ...(await missingPrograms(scenario, process.env.PATH ?? '')),
      ];
      const lines = [
        ...stepLines(scenario),
        ...scenario.notes.map((note) => `${style.dim('note')} ${plainText(note)}`),
        ...warnings.map((warning) => `${style.yellow('warning')} ${warning}`),
        `${style.green('valid')} ${file}`,
      ];
      const redact = createRedactor(scenario.secrets);
      process.stderr.write(`${lines.map((line) => redact(line).trimEnd()).join('\n')}\n`);
      if (options.printEffective === true) process.stdout.write(effectiveText(scenario));
    });
}

const EXAMPLES = `
Examples:
  $ zdd-verify validate deploy/zdd.yaml
  $ zdd-verify validate deploy/zdd.yaml --set RELEASE=9f3c1a2 --print-effective`;

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/** One line a step, in the order in which they run. */
function stepLines({ setup, steps, rollback, teardown, rehearsal }: Scenario): string[] {
  const all = [...setup, ...steps, ...rollback, ...teardown];
  const width = Math.max(...all.map(({ name }) => name.length));
  return all.map((step) => {
    const parts = [step.name.padEnd(width), step.kind.padEnd(8), commandOf(step)];
    if (step.ready !== null) parts.push(`ready: ${step.ready.checks.map(({ path }) => path).join(', ')}`);
    if (step.migrations !== null) parts.push(`sql: ${plural(step.migrations.files.length, 'file')}`);
    if (step.kind === 'rollback') parts.push(rehearsal === 'none' ? '(in need)' : '(rehearsed)');
    return plainText(parts.filter((part) => part !== '').join('  '));
  });
}

function commandOf({ run, host, ready }: Step): string {
  if (run === null) return ready === null ? '(no command)' : '(waits)';
  const text = typeof run === 'string' ? run.trim() : run.join(' ');
  const [first = '', ...more] = text.split('\n');
  return `${host === null ? '' : `${host.name}: `}${first}${more.length === 0 ? '' : ' ...'}`;
}

/** A step before it may make a program: that it is not there yet is worth a word, not an error. */
async function missingPrograms(scenario: Scenario, path: string): Promise<string[]> {
  const warnings: string[] = [];
  for (const step of [...scenario.setup, ...scenario.steps, ...scenario.rollback, ...scenario.teardown]) {
    if (step.host !== null) continue;
    const cwd = step.cwd ?? scenario.dir;
    const found = await stat(cwd).catch(() => null);
    if (found?.isDirectory() !== true) {
      warnings.push(`${step.name}: the folder ${plainText(cwd)} does not exist yet`);
      continue;
    }
    const search = { cwd, path: step.env.PATH ?? scenario.vars.PATH ?? path };
    for (const program of programsOf(step.run)) {
      if ((await findProgram(program, search)) === null) {
        warnings.push(`${step.name}: ${plainText(program)} is not found now, unless an earlier step makes it`);
      }
    }
  }
  return warnings;
}

function effectiveText(scenario: Scenario): string {
  const defaults = scenario.thresholds
    .filter(({ origin }) => origin === 'default')
    .map(({ metric, expression, level }) => `#   ${metric}: ${expression}${level === 'fail' ? '' : ` (${level})`}\n`);
  const note = defaults.length === 0 ? '' : `# Thresholds that hold by default:\n${defaults.join('')}`;
  return `${stringify(scenario.effective, { lineWidth: 0, aliasDuplicateObjects: false })}${note}`;
}
