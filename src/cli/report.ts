import { join } from 'node:path';
import { Command } from 'commander';
import { ZddError } from '../model/errors.js';
import { summaryLines } from '../report/terminal.js';
import { judgedRun, writeOutputs } from './results.js';
import { styleOf } from './terminal/style.js';

interface ReportOptions {
  html?: boolean;
  png?: boolean;
  svg?: boolean;
  md?: boolean;
  junit?: boolean;
  metrics?: boolean;
  assets?: string;
}

const OUTPUT_BY_FLAG = {
  html: ['html', 'css'],
  png: ['png'],
  svg: ['svg'],
  md: ['md'],
  junit: ['junit'],
  metrics: ['metrics'],
} as const;

export function reportCommand(): Command {
  return new Command('report')
    .description('Writes every output again from the record of a run, also of one that was killed.')
    .argument('<dir>', 'run directory')
    .option('--html', 'only the HTML report')
    .option('--png', 'only the timeline as an image')
    .option('--svg', 'only the timeline as a drawing')
    .option('--md', 'only the summary in Markdown')
    .option('--junit', 'only the JUnit file')
    .option('--metrics', 'only the OpenMetrics file')
    .option('--assets <how>', 'inline (one file) or dir (a stylesheet beside it, no script)', 'inline')
    .addHelpText(
      'after',
      '\nExamples:\n  $ zdd-verify report reports/20261120-1012-ab12cd\n  $ zdd-verify report reports/20261120-1012-ab12cd --html --assets dir',
    )
    .action(async (dir: string, options: ReportOptions) => {
      if (options.assets !== 'inline' && options.assets !== 'dir')
        throw new ZddError('USAGE', '--assets is inline or dir');
      const only = Object.entries(OUTPUT_BY_FLAG).flatMap(([flag, names]) =>
        options[flag as keyof typeof OUTPUT_BY_FLAG] ? names : [],
      );
      const results = await judgedRun(dir);
      const { faults, warnings } = await writeOutputs(dir, results, {
        style: options.assets,
        ...(only.length === 0 ? {} : { only }),
      });
      const style = styleOf(process.stderr, process.env);
      const lines = [
        ...summaryLines(results.run, results.judgement, {
          color: style.enabled,
          width: process.stderr.columns ?? 100,
        }),
        ...faults,
        ...warnings,
      ];
      process.stderr.write(`${lines.join('\n')}\nreport  ${join(dir, 'report.html')}\n`);
      process.stdout.write(`${dir}\n`);
      // Rendering succeeded or it did not; the verdict is for `gate` to turn into an exit code.
      if (faults.length > 0) process.exitCode = 1;
    });
}
