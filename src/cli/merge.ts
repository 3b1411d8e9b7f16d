import { resolve } from 'node:path';
import { Command } from 'commander';
import { type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import { mergeRecords } from '../record/merge.js';
import { renderMarkdown } from '../report/markdown.js';
import { summaryLines } from '../report/terminal.js';
import { addToJobSummary, judgeRecord, writeOutputs } from './results.js';
import { styleOf } from './terminal/style.js';
import { plainText } from './terminal/text.js';

interface MergeOptions {
  out: string;
  json?: boolean;
}

export function mergeCommand(): Command {
  return new Command('merge')
    .description(
      'Joins the records of the shards of one run, judges the whole, writes the report and gives the exit code.',
    )
    .argument('<dir...>', 'directories of the shards')
    .option('--out <dir>', 'folder the run directory is made in', 'reports')
    .option('--json', 'the result as one line of JSON on stdout')
    .addHelpText('after', HELP)
    .action(async (dirs: string[], options: MergeOptions) => {
      process.exitCode = await merge(dirs, options);
    });
}

const HELP = `
\`run --shard 1/n\` joins the records by itself, as far as the other shards could hand theirs over. This is for the others:
a shard that was killed or cut off left what it had in RUN-shard-N on its machine.

Examples:
  $ zdd-verify merge reports/20261120-101200-ab12cd-shard-*
  $ zdd-verify merge one two three four --out merged

A shard that is missing, was cut, or whose clock was off makes the whole inconclusive, with the reason.
The last line of stdout is the run directory.`;

async function merge(dirs: readonly string[], { out, json = false }: MergeOptions): Promise<ExitCode> {
  const dir = await mergeRecords(
    dirs.map((each) => resolve(each)),
    (runId) => resolve(out, runId),
  );
  const { run, judgement } = await judgeRecord(dir);
  const { exitCode: written, faults, warnings } = await writeOutputs(dir, { run, judgement });
  await addToJobSummary(renderMarkdown(run, judgement), process.env);
  const style = styleOf(process.stderr, process.env);
  const width = process.stderr.columns ?? 100;
  const lines = [
    ...summaryLines(run, judgement, { color: style.enabled, width }),
    ...faults.map(plainText),
    ...warnings,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
  const exitCode = strongestExitCode([judgement.exitCode, written]);
  const { verdict, release, gate } = judgement;
  const result = { type: 'finished', dir, verdict, release, gate, exitCode };
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${dir}\n`);
  return exitCode;
}
