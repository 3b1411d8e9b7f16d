import { Command } from 'commander';
import { MEASURING } from '../model/watch.js';
import { summaryLines } from '../report/terminal.js';
import { loadThresholdsFile } from '../scenario/thresholds-file.js';
import { judgeRecord } from './results.js';
import { styleOf } from './terminal/style.js';

export function gateCommand(): Command {
  return new Command('gate')
    .description('Judges a recorded run again, by its own thresholds or by others. Sends nothing.')
    .argument('<dir>', 'run directory')
    .option('--thresholds <file>', "YAML file with thresholds in the place of the scenario's")
    .addHelpText('after', '\nExample:\n  $ zdd-verify gate reports/20261120-1012-ab12cd --thresholds policy.yaml')
    .action(async (dir: string, options: { thresholds?: string }) => {
      const own = await judgeRecord(dir);
      const { header } = own.run;
      const results =
        options.thresholds === undefined
          ? own
          : await judgeRecord(
              dir,
              await loadThresholdsFile(options.thresholds, {
                steps: [...header.steps, ...header.rollback].map(({ name }) => name),
                flows: header.traffic.flows.map(({ name }) => name),
                probes: header.probes,
                measured: (header.watch ?? []).filter(({ kind }) => MEASURING.includes(kind)).map(({ name }) => name),
              }),
            );
      const style = styleOf(process.stderr, process.env);
      const lines = summaryLines(results.run, results.judgement, {
        color: style.enabled,
        width: process.stderr.columns ?? 100,
      });
      process.stderr.write(`${lines.join('\n')}\n`);
      process.stdout.write(`${dir}\n`);
      process.exitCode = results.judgement.exitCode;
    });
}
