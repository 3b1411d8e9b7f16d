import { Command } from 'commander';
import { summaryLines } from '../report/terminal.js';
import { loadThresholdsFile } from '../scenario/thresholds-file.js';
import { measuredBy } from '../scenario/watch.js';
import { baseRuns, HISTORY_RUNS } from './base-runs.js';
import { judgeAgainst } from './compare.js';
import { comparisonLines } from './compare-table.js';
import { judgedRun, judgeRecord, writeOutputs } from './results.js';
import { styleOf } from './terminal/style.js';
import { plainText } from './terminal/text.js';

export function gateCommand(): Command {
  return new Command('gate')
    .description('Judges a recorded run again, by its own thresholds or by others. Sends nothing.')
    .argument('<dir>', 'run directory')
    .option('--thresholds <file>', "YAML file with thresholds in the place of the scenario's")
    .option('--baseline <run>', 'compare with an earlier run, or a folder of them; may be repeated', collect, [])
    .addHelpText(
      'after',
      '\nExamples:\n  $ zdd-verify gate reports/20261120-1012-ab12cd --thresholds policy.yaml\n  $ zdd-verify gate reports/20261120-1012-ab12cd --baseline reports',
    )
    .action(async (dir: string, options: GateOptions) => {
      // A comparison that is there already is replaced by another, whatever is in it.
      const own = await (options.baseline.length > 0 ? judgeRecord(dir) : judgedRun(dir));
      const { header, phases } = own.run;
      const marked = phases.filter(({ judged, kind }) => judged && kind !== 'baseline');
      const thresholds =
        options.thresholds === undefined
          ? undefined
          : await loadThresholdsFile(options.thresholds, {
              steps: [...new Set([...header.steps, ...header.rollback, ...marked].map(({ name }) => name))],
              flows: header.traffic.flows.map(({ name }) => name),
              probes: header.probes,
              measured: measuredBy(header.watch ?? []),
            });
      const { runId, scenario } = header;
      const base = baseRuns(options.baseline, { scenario: scenario.name, except: runId, last: HISTORY_RUNS });
      const results =
        base.length > 0
          ? await judgeAgainst(dir, base, rethrow, thresholds)
          : thresholds === undefined
            ? own
            : await judgedRun(dir, thresholds);
      const style = styleOf(process.stderr, process.env);
      const lines = summaryLines(results.run, results.judgement, {
        color: style.enabled,
        width: process.stderr.columns ?? 100,
      });
      if (results.comparison !== undefined) lines.push('', ...comparisonLines(results.comparison, style));
      process.stderr.write(`${lines.join('\n')}\n`);
      process.stdout.write(`${dir}\n`);
      process.exitCode = results.judgement.exitCode;
      if (results.comparison === undefined || thresholds !== undefined) return;
      // By other thresholds the run would read as another one.
      const { exitCode, faults } = await writeOutputs(dir, results, { only: ['json'] });
      if (faults.length > 0) process.stderr.write(`${faults.map(plainText).join('\n')}\n`);
      process.exitCode = exitCode;
    });
}

interface GateOptions {
  thresholds?: string;
  baseline: string[];
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

function rethrow(error: unknown): never {
  throw error;
}
