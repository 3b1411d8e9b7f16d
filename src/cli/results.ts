import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withComparison } from '../judge/compare/compare.js';
import { judge } from '../judge/judge.js';
import type { Comparison } from '../model/comparison.js';
import { messageOf } from '../model/errors.js';
import type { RunHeader } from '../model/event.js';
import { EXIT, strongestExitCode } from '../model/exit-codes.js';
import type { Run } from '../model/run.js';
import type { Threshold } from '../model/threshold.js';
import type { Judgement } from '../model/verdict.js';
import { writeAtomically } from '../platform/files.js';
import { loadChartBundles, rasterize } from '../platform/rasterize.js';
import { createFold, type Fold } from '../record/fold/fold.js';
import { type ReplayTarget, replay } from '../record/replay.js';
import { renderAll } from '../report/registry.js';
import { storeComparison, storedComparison } from './stored-comparison.js';

export interface Results {
  run: Run;
  judgement: Judgement;
  /** Against earlier runs, where that was asked for. */
  comparison?: Comparison;
}

/** Folds the record in `dir` and judges it, by its own thresholds or by others; `beside` is handed all of it too. */
export async function judgeRecord(
  dir: string,
  thresholds?: Threshold[],
  beside?: (header: RunHeader) => ReplayTarget,
): Promise<Results> {
  let fold: Fold | null = null;
  await replay(dir, (header) => {
    const own = createFold(thresholds === undefined ? header : { ...header, thresholds });
    fold = own;
    const other = beside?.(header);
    if (other === undefined) return own;
    return {
      event: (event) => {
        own.event(event);
        other.event(event);
      },
      sample: (sample) => {
        own.sample(sample);
        other.sample(sample);
      },
    };
  });
  const run = (fold as unknown as Fold).finish();
  return { run, judgement: judge(run) };
}

/** The record in `dir`, judged; with what it was held against when it was run or judged, where that was asked for. */
export async function judgedRun(dir: string, thresholds?: Threshold[]): Promise<Results> {
  const { run, judgement } = await judgeRecord(dir, thresholds);
  const comparison = await storedComparison(dir, run.header.runId);
  return comparison === null
    ? { run, judgement }
    : { run, judgement: withComparison(judgement, comparison), comparison };
}

export interface OutputOptions {
  /** Names of the outputs to write; all where left out. */
  only?: string[];
  style?: 'inline' | 'dir';
}

export interface Written {
  exitCode: Judgement['exitCode'];
  /** Outputs that failed. */
  faults: string[];
  /** What the reader should know of those that did not. */
  warnings: string[];
}

/** Writes the outputs into the run directory. An output that fails is a fault of the harness: the exit code says so. */
export async function writeOutputs(dir: string, results: Results, options: OutputOptions = {}): Promise<Written> {
  const { run, judgement, comparison } = results;
  const { chartJs, annotationPlugin } = await loadChartBundles();
  const assets = { chartJs, annotationPlugin, rasterize, style: options.style ?? 'inline', comparison } as const;
  const { files, faults, warnings } = await renderAll(run, judgement, assets, options.only);
  const messages: string[] = [];
  const note = (file: string) => (error: unknown) => {
    messages.push(`${file} cannot be written: ${messageOf(error)}`);
  };
  if (comparison !== undefined) await storeComparison(dir, comparison).catch(note('comparison.json'));
  for (const { name, message } of faults) messages.push(`the output ${name} failed: ${message}`);
  for (const { file, content } of files) {
    await writeAtomically(join(dir, file), content).catch(note(file));
  }
  const exitCode = messages.length === 0 ? judgement.exitCode : strongestExitCode([judgement.exitCode, EXIT.FAULT]);
  return { exitCode, faults: messages, warnings };
}

/** Adds the summary to the page of the job where GitHub Actions asks for one. */
export async function addToJobSummary(summary: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { GITHUB_STEP_SUMMARY: path } = env;
  if (path !== undefined && path !== '') await appendFile(path, `${summary}\n`);
}
