import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../conductor/context.js';
import { runHooks, type Told } from '../conductor/hooks.js';
import { messageOf } from '../model/errors.js';
import type { ReleaseState } from '../model/event.js';
import { EXIT, EXIT_MEANING, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import type { HookEvent, HookEventName } from '../model/release.js';
import type { Judgement } from '../model/verdict.js';
import { AppendFile } from '../platform/files.js';
import { JOURNAL_FILE } from '../record/recorder.js';
import { renderMarkdown } from '../report/markdown.js';
import { hookLines } from '../report/surroundings.js';
import { summaryLines } from '../report/terminal.js';
import { redactStrings } from '../scenario/redact.js';
import { annotationLines } from './annotate.js';
import { judgeAgainst } from './compare.js';
import { comparisonLines } from './compare-table.js';
import { addToJobSummary, judgeRecord, type Results, writeOutputs } from './results.js';
import { styleOf } from './terminal/style.js';
import type { Terminal } from './terminal/terminal.js';
import { plainText } from './terminal/text.js';

/**
 * Judges the record as it stands on disk (against the runs in `base`, where there are any), writes every output, runs the
 * hooks, and says how it ended.
 */
export async function conclude(
  context: RunContext,
  release: ReleaseState | null,
  { terminal, json, base = [] }: { terminal: Terminal; json: boolean; base?: readonly string[] | undefined },
): Promise<ExitCode> {
  const { dir, faults, scenario, redact } = context;
  const problems = [...faults];
  const note = (error: unknown): null => {
    problems.push(messageOf(error));
    return null;
  };
  let results: Results | null = await (base.length === 0 ? judgeRecord(dir) : judgeAgainst(dir, base, note)).catch(
    note,
  );
  const written = results === null ? null : await writeOutputs(dir, results).catch(note);
  problems.push(...(written?.faults ?? []));
  // A harness that failed never ends in a pass, and what became of the release is known even without a record.
  const codes: ExitCode[] = [written?.exitCode ?? EXIT.FAULT];
  if (problems.length > 0) codes.push(EXIT.FAULT);
  if (release === 'rollback-failed') codes.push(EXIT.ROLLBACK_FAILED);
  const exitCode = strongestExitCode(codes);
  const hooks = await runHooks(context, told(context, results?.judgement ?? null, release, exitCode)).catch(note);
  if (hooks !== null && hooks.length > 0) {
    await recordHooks(dir, redactStrings(hooks, redact)).catch(note);
    // They are part of the results, which they were shown before.
    if (results !== null) {
      results = { ...results, run: { ...results.run, hooks: redactStrings(hooks, redact) } };
      await writeOutputs(dir, results).catch(note);
    }
  }
  if (results !== null) {
    await addToJobSummary(renderMarkdown(results.run, results.judgement), process.env).catch(note);
  }
  const style = styleOf(process.stderr, process.env);
  const unrecorded = release !== null && results?.judgement.release !== release;
  terminal.finish([
    ...(results === null
      ? []
      : summaryLines(results.run, results.judgement, { color: style.enabled, width: process.stderr.columns ?? 100 })),
    ...(results?.comparison === undefined ? [] : ['', ...comparisonLines(results.comparison, style)]),
    ...(results === null ? hookLines(hooks ?? []) : []),
    ...[...new Set(problems)].map((problem) => style.red(`zdd-verify itself: ${plainText(redact(problem))}`)),
    ...(unrecorded ? [style.red(`The release is ${release}, which could not be recorded.`)] : []),
    ...(unrecorded && exitCode === EXIT.ROLLBACK_FAILED && scenario.runbook !== null
      ? [style.red(`Runbook: ${plainText(redact(scenario.runbook))}`)]
      : []),
    ...(exitCode === results?.judgement.exitCode ? [] : [style.red(`Exit ${exitCode}: ${EXIT_MEANING[exitCode]}`)]),
    ...(written?.warnings ?? []),
    existsSync(join(dir, 'report.html'))
      ? `report  ${join(dir, 'report.html')}`
      : `record  ${dir} (there is no report)`,
  ]);
  for (const annotation of annotationLines(results, process.env)) process.stderr.write(`${annotation}\n`);
  const { verdict = 'inconclusive', gate = 'inconclusive' } = results?.judgement ?? {};
  const finished = { type: 'finished', dir, verdict, release: release ?? results?.judgement.release, gate, exitCode };
  process.stdout.write(json ? `${JSON.stringify(finished)}\n` : `${dir}\n`);
  return exitCode;
}

/** What has happened, and what hooks are told of it. Without a judgement nothing is proven. */
function told(
  { dir, scenario, baselineVersion }: RunContext,
  judgement: Judgement | null,
  release: ReleaseState | null,
  exitCode: ExitCode,
): Told {
  const verdict = judgement?.verdict ?? 'inconclusive';
  const state = release ?? judgement?.release ?? 'aborted';
  const report = join(dir, 'report.html');
  const events: HookEventName[] = ['finished'];
  if (verdict !== 'zero-downtime') events.push(verdict);
  if (state === 'rolled-back' || state === 'rollback-failed') events.push(state);
  return {
    events,
    env: {
      ZDD_VERDICT: verdict,
      ZDD_RELEASE: state,
      ZDD_EXIT_CODE: String(exitCode),
      ZDD_REPORT: existsSync(report) ? report : '',
      ZDD_HEADLINE: judgement?.headline ?? '',
      ZDD_RUNBOOK: scenario.runbook ?? '',
      ...(baselineVersion === null ? {} : { ZDD_BASELINE_VERSION: baselineVersion }),
    },
  };
}

/** Adds what became of the hooks to a journal that is complete but for it. */
async function recordHooks(dir: string, hooks: readonly Omit<HookEvent, 'type'>[]): Promise<void> {
  let problem: Error | null = null;
  const journal = await AppendFile.open(join(dir, JOURNAL_FILE), 1000, (error) => {
    problem = error;
  });
  for (const hook of hooks) journal.line(JSON.stringify({ type: 'hook', ...hook }));
  await journal.close();
  if (problem !== null) throw problem;
}
