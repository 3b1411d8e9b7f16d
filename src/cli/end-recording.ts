import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ALIVE_FILE } from '../conductor/alive.js';
import { isOtherBoot, recorderState } from '../conductor/recorder-state.js';
import { readEnded, readStop, type Started, type StopRequest, writeStop } from '../conductor/started-run.js';
import { messageOf } from '../model/errors.js';
import type { ExitCode } from '../model/exit-codes.js';
import { formatMs } from '../model/units.js';
import { clockSince, monotonicNs } from '../platform/clock.js';
import type { CurrentRun } from './current-run.js';

/** The recorder's own result; `early`: it had ended before it was asked to. Or it left none. */
export type Stopped = { how: 'ended'; exitCode: ExitCode; early: boolean } | { how: 'lost'; why: string };

const LOOK_EVERY_MS = 100;
const SAY_EVERY_MS = 10_000;
/** Beside the hold: the last answers, what probes read back, the judgement, and the report of a long run. */
const WITHIN_MS = 900_000;

/**
 * Asks the recorder to end and waits until it has reported, or is gone, or was given time enough: then it is ended. A
 * second call waits for the same end.
 */
export async function askToStop(
  { dir, started }: CurrentRun,
  request: StopRequest,
  say: (text: string) => void,
): Promise<Stopped> {
  const result = (early: boolean): Stopped | null => {
    const ended = readEnded(dir);
    return ended === null ? null : { how: 'ended', exitCode: ended.exitCode, early };
  };
  const before = result(true);
  const isFirst = readStop(dir) === null;
  if (isFirst) await ask(dir, started, request, say);
  if (before !== null) return before;
  const { holdMs } = readStop(dir) ?? request;
  const clock = clockSince(monotonicNs());
  if (recorderState(dir, started) === 'alive') say(`the traffic goes on for ${formatMs(holdMs)}, then the report`);
  for (let saidAt = 0; recorderState(dir, started) === 'alive'; ) {
    const ended = result(false);
    if (ended !== null) return ended;
    const now = clock.now();
    if (now > holdMs + WITHIN_MS) return { how: 'lost', why: end(started, now) };
    if (now - saidAt >= SAY_EVERY_MS) {
      saidAt = now;
      const doing = existsSync(join(dir, ALIVE_FILE)) ? 'records the hold' : 'judges, and writes the report';
      say(`the recorder ${doing}; it was asked to stop ${formatMs(now)} ago`);
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
  return result(false) ?? { how: 'lost', why: lossOf(started) };
}

/** Where nothing can be written the recorder is told by a signal: it ends, and what it recorded proves nothing. */
async function ask(dir: string, started: Started, request: StopRequest, say: (text: string) => void): Promise<void> {
  try {
    await writeStop(dir, request);
  } catch (error) {
    say(`the end cannot be asked for in ${dir}: ${messageOf(error)}`);
    if (recorderState(dir, started) === 'alive') process.kill(started.pid, 'SIGTERM');
  }
}

/** A recorder that does not come to its end: it was stopped from outside, or its machine hangs. */
function end(started: Started, ms: number): string {
  process.kill(started.pid, 'SIGKILL');
  return `the recorder did not come to its end within ${formatMs(ms)}, and was killed`;
}

function lossOf(started: Started): string {
  if (isOtherBoot(started)) return 'the recorder was lost: the machine was started again, or this is another one';
  return 'the recorder was lost: its process is gone without a farewell (killed, or out of memory)';
}
