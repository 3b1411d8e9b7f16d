import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../conductor/context.js';
import { messageOf } from '../model/errors.js';
import type { ReleaseState } from '../model/event.js';
import { EXIT, EXIT_MEANING, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import { githubAnnotations } from '../report/annotations.js';
import { renderMarkdown } from '../report/markdown.js';
import { summaryLines } from '../report/terminal.js';
import { addToJobSummary, judgeRecord, type Results, writeOutputs } from './results.js';
import { styleOf } from './terminal/style.js';
import type { Terminal } from './terminal/terminal.js';
import { plainText } from './terminal/text.js';

/** Judges the record as it stands on disk, writes every output, and says how it ended. */
export async function conclude(
  { dir, faults, scenario, redact }: RunContext,
  release: ReleaseState | null,
  { terminal, json }: { terminal: Terminal; json: boolean },
): Promise<ExitCode> {
  const problems = [...faults];
  const note = (error: unknown): null => {
    problems.push(messageOf(error));
    return null;
  };
  const results: Results | null = await judgeRecord(dir).catch(note);
  const written = results === null ? null : await writeOutputs(dir, results).catch(note);
  if (results !== null) {
    await addToJobSummary(renderMarkdown(results.run, results.judgement), process.env).catch(note);
  }
  problems.push(...(written?.faults ?? []));
  // A harness that failed never ends in a pass, and what became of the release is known even without a record.
  const codes: ExitCode[] = [written?.exitCode ?? EXIT.FAULT];
  if (problems.length > 0) codes.push(EXIT.FAULT);
  if (release === 'rollback-failed') codes.push(EXIT.ROLLBACK_FAILED);
  const exitCode = strongestExitCode(codes);
  const style = styleOf(process.stderr, process.env);
  const unrecorded = release !== null && results?.judgement.release !== release;
  terminal.finish([
    ...(results === null
      ? []
      : summaryLines(results.run, results.judgement, { color: style.enabled, width: process.stderr.columns ?? 100 })),
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
  if (results !== null && process.env.GITHUB_ACTIONS === 'true') {
    for (const annotation of githubAnnotations(results.judgement)) process.stderr.write(`${annotation}\n`);
  }
  const { verdict = 'inconclusive', gate = 'inconclusive' } = results?.judgement ?? {};
  const finished = { type: 'finished', dir, verdict, release: release ?? results?.judgement.release, gate, exitCode };
  process.stdout.write(json ? `${JSON.stringify(finished)}\n` : `${dir}\n`);
  return exitCode;
}
