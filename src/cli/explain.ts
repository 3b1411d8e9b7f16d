import { constants } from 'node:os';
import { Command } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { ZddError } from '../model/errors.js';
import { PROBES, type ProbeName } from '../model/probe.js';
import { EXPLANATIONS, type Explanation } from './explanations.js';

/** `zdd-verify explain CODE`: an exit code, an error code, an outcome, a cause, a finding or a metric in plain words. */
export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'Explains an exit code, an error code, an outcome, a finding or a metric, and says what to do about it.',
    )
    .argument(
      '[code]',
      'an exit code (98), an error code (SCENARIO_INVALID), an outcome (reset), a finding or a metric; all without one',
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ zdd-verify explain 98
  $ zdd-verify explain SCENARIO_INVALID
  $ zdd-verify explain truncated
  $ zdd-verify explain ledger_lost
  $ zdd-verify explain                  list everything that can be explained`,
    )
    .action((code: string | undefined, options: { json?: true }) => {
      const found = code === undefined ? EXPLANATIONS : [explanationOf(code)];
      const text = options.json
        ? JSON.stringify(code === undefined ? found : found[0], null, 2)
        : code === undefined
          ? listOf(found)
          : wordsOf(found[0] as Explanation);
      process.stdout.write(`${text}\n`);
    });
}

/** The explanation of a code, in any case; throws USAGE with the nearest known code. */
export function explanationOf(code: string): Explanation {
  const exact = EXPLANATIONS.find((each) => comparable(each.code) === comparable(code));
  if (exact !== undefined) return exact;
  if (/^\d+$/.test(code)) throw unknownNumber(Number(code));
  const probe = PROBES.find((name) => name === comparable(code));
  if (probe !== undefined) throw probeNamed(probe);
  const nearest = closest(
    comparable(code),
    EXPLANATIONS.map((each) => comparable(each.code)),
  );
  const isNear = distance(comparable(code), nearest) <= Math.max(2, code.length / 3);
  throw new ZddError('USAGE', `\`${code}\` is no exit code, error code, outcome, finding, metric or rule.`, {
    hint: isNear
      ? `Did you mean ${EXPLANATIONS.find((each) => comparable(each.code) === nearest)?.code}?`
      : '`zdd-verify explain` lists what can be explained.',
  });
}

/** A probe has a section of its own in the documentation; what it counts is explained here. */
function probeNamed(probe: ProbeName): ZddError {
  const counts = EXPLANATIONS.filter((each) => each.kind === 'metric' && each.code.startsWith(`${probe}_`));
  return new ZddError('USAGE', `\`${probe}\` is a probe: docs/scenario.md describes it under "Probes".`, {
    hint: `What it counts can be explained: ${counts.map((each) => each.code).join(', ')}.`,
  });
}

/** Shells report a process ended by signal n as 128 + n; zdd-verify has such codes for two signals only. */
function unknownNumber(code: number): ZddError {
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  const known = EXPLANATIONS.filter(({ kind }) => kind === 'exit').map((each) => each.code);
  return new ZddError('USAGE', `${code} is no exit code of zdd-verify.`, {
    hint:
      signal === undefined
        ? `Its codes are ${known.join(', ')}; another one came from a shell or a CI runner.`
        : `A shell reports ${code} for a process that ${signal} ended: zdd-verify was stopped from outside. \`zdd-verify report DIR\` shows what it had recorded.`,
  });
}

function comparable(code: string): string {
  return code.toLowerCase().replaceAll('_', '-');
}

const KINDS: Record<Explanation['kind'], string> = {
  exit: 'Exit codes',
  error: 'Error codes',
  failure: 'Failed requests: what a user would have noticed',
  unsent: 'Unsent arrivals: what the harness did not send; any makes the run inconclusive',
  cause: 'Causes: what most likely happened, where users were harmed or nothing is proven',
  finding: 'Findings of the report',
  metric: 'Metrics of thresholds',
  migration: 'Rules of `migrations check` and `migrations trace`',
};

function wordsOf({ code, kind, meaning, signature, remedy, fixes = [], references = [] }: Explanation): string {
  const title = {
    exit: `exit code ${code}`,
    error: code,
    failure: `${code} (failed request)`,
    unsent: `${code} (unsent)`,
    cause: `${code} (cause)`,
    finding: `${code} (finding)`,
    metric: `${code} (metric)`,
    migration: `${code} (rule of the migrations' check or trace)`,
  };
  return [
    title[kind],
    `  ${meaning}`,
    ...(signature === undefined ? [] : [`  How it looks: ${signature}`]),
    [`  What to do: ${remedy}`, ...fixes.map((line) => `    ${line}`)].join('\n'),
    ...(references.length === 0 ? [] : [['  See:', ...references.map((each) => `    ${each}`)].join('\n')]),
  ].join('\n\n');
}

function listOf(explanations: readonly Explanation[]): string {
  const sections = (Object.keys(KINDS) as Explanation['kind'][]).map((kind) => {
    const rows = explanations.filter((each) => each.kind === kind);
    const width = Math.max(...rows.map(({ code }) => code.length));
    return [KINDS[kind], ...rows.map(({ code, meaning }) => `  ${code.padEnd(width)}  ${firstSentence(meaning)}`)];
  });
  return sections.map((lines) => lines.join('\n')).join('\n\n');
}

function firstSentence(text: string): string {
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}
