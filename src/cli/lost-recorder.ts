import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type StatedRelease, writeEnded } from '../conductor/started-run.js';
import { messageOf } from '../model/errors.js';
import type { DecisionEvent, ReleaseState } from '../model/event.js';
import { EXIT, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import { JOURNAL_FILE } from '../record/recorder.js';
import type { CurrentRun } from './current-run.js';
import { judgeRecord, type Results, writeOutputs } from './results.js';

export interface Concluded {
  /** Null where the record cannot be judged. */
  results: Results | null;
  /** Never 0. */
  exitCode: ExitCode;
  problems: string[];
}

/**
 * Judges what a recorder left that did not end in order: puts on record why the record has no end, judges it, and writes
 * every output and the farewell in the recorder's place. A failure that is on record counts; nothing passes.
 */
export async function concludeLost(
  { dir }: CurrentRun,
  why: string,
  release: StatedRelease | null,
): Promise<Concluded> {
  const problems: string[] = [];
  const note = (error: unknown): null => {
    problems.push(messageOf(error));
    return null;
  };
  const stated = release === null ? '' : `; the pipeline says of its release: ${release}`;
  try {
    addDecision(join(dir, JOURNAL_FILE), `${why}${stated}`, release);
  } catch (error) {
    note(error);
  }
  const results = await judgeRecord(dir).catch(note);
  const written = results === null ? null : await writeOutputs(dir, results).catch(note);
  problems.push(...(written?.faults ?? []), ...(results === null ? [why] : []));
  const codes: ExitCode[] = [results?.judgement.exitCode ?? EXIT.INCONCLUSIVE];
  if (results !== null && problems.length > 0) codes.push(EXIT.FAULT);
  const found = strongestExitCode(codes);
  const exitCode = found === EXIT.PASS ? EXIT.INCONCLUSIVE : found;
  await writeEnded(dir, exitCode).catch(note);
  return { results, exitCode, problems };
}

const STATE_OF: Record<StatedRelease, ReleaseState> = {
  completed: 'completed',
  failed: 'aborted',
  'rolled-back': 'rolled-back',
  'rollback-failed': 'rollback-failed',
};

/** What is read of the journal's end, bytes: the last lines of it. */
const TAIL = 256 * 1024;

/**
 * Adds a decision behind the last whole line of a journal that nobody writes any more; what was torn behind it goes, as
 * every reader leaves it out. Its time is that of the line before: the run was not seen for longer. A record without an
 * end is inconclusive by itself; where only the report is missing, it was zdd-verify that failed.
 */
function addDecision(path: string, detail: string, release: StatedRelease | null): void {
  if (!existsSync(path)) return;
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const whole = tail.lastIndexOf(0x0a) + 1;
    if (whole === 0) return;
    const lines = tail.toString('utf8', 0, whole).trimEnd().split('\n');
    const hasEnd = lines.some((line) => line.startsWith('{"type":"end",'));
    const cause = hasEnd ? 'harness' : release === null || release === 'completed' ? 'request' : 'command';
    const said = release === null ? {} : { stated: STATE_OF[release] };
    const event: DecisionEvent = { type: 'decision', at: lastTimeOf(lines), cause, action: 'abort', detail, ...said };
    const end = size - tail.length + whole;
    ftruncateSync(file, end);
    writeSync(file, `${JSON.stringify(event)}\n`, end);
  } finally {
    closeSync(file);
  }
}

function lastTimeOf(lines: readonly string[]): number {
  for (const line of lines.toReversed()) {
    try {
      const { at } = JSON.parse(line) as { at?: unknown };
      if (typeof at === 'number') return at;
    } catch {
      // The first line of the tail is a part of one.
    }
  }
  return 0;
}
