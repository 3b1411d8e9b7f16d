import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDER_LOG } from '../conductor/started-run.js';
import { ERROR_CODES, type ErrorCode, messageOf, ZddError } from '../model/errors.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import { every } from '../platform/clock.js';
import { type DetachedProcess, startDetached } from '../platform/detached-process.js';
import { JOURNAL_FILE } from '../record/recorder.js';
import type { FromRecorder, RecorderOrder } from './recorder-order.js';

const RELAY_EVERY_MS = 200;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Starts the recorder and waits for its baseline, showing what it says. Resolves with null once the baseline holds and
 * the recorder goes on alone, else with the exit code of the run, which is over. A signal to this process goes to the
 * recorder until then, and the recorder ends where this process does. `onRun` is called once there is a run to be judged,
 * before the recorder goes on. Where nothing was recorded the run directory is taken away again.
 */
export async function startRecorder(order: RecorderOrder, onRun: () => Promise<void>): Promise<ExitCode | null> {
  const dir = join(order.out, order.runId);
  const log = openLog(dir);
  const relay = relayLog(join(dir, RECORDER_LOG));
  const recorder = startDetached(new URL('./recorder-process.js', import.meta.url), log);
  closeSync(log);
  let received: Signal | null = null;
  const forward = SIGNALS.map((signal) => {
    const handler = (): void => {
      received ??= signal;
      recorder.kill(signal);
    };
    return { signal, handler };
  });
  for (const { signal, handler } of forward) process.on(signal, handler);
  try {
    const outcome = await outcomeOf(recorder, order, () => received);
    if (outcome.type === 'refused') throw refused(outcome);
    if (existsSync(join(dir, JOURNAL_FILE))) await onRun();
    if (outcome.type === 'ended') return outcome.exitCode;
    const by = ((): Signal | null => received)();
    if (by !== null) {
      await recorder.gone;
      return by === 'SIGINT' ? EXIT.SIGINT : EXIT.SIGTERM;
    }
    await recorder.tell({ type: 'go-on' });
    return null;
  } finally {
    for (const { signal, handler } of forward) process.off(signal, handler);
    relay();
    recorder.letGo();
    if (!existsSync(join(dir, JOURNAL_FILE))) rmSync(dir, { recursive: true, force: true });
  }
}

type Outcome = Exclude<FromRecorder, { type: 'loaded' }>;

/** A recorder that a signal has ended before it could do so in order is gone by it, whatever else it says. */
function outcomeOf(recorder: DetachedProcess, order: RecorderOrder, received: () => Signal | null): Promise<Outcome> {
  return new Promise((resolve) => {
    recorder.onMessage((message) => {
      const said = message as FromRecorder;
      if (said.type === 'loaded') void recorder.tell({ type: 'record', order });
      else resolve(said);
    });
    void recorder.gone.then(({ exitCode, signal, startError }) => {
      const by = received();
      if (by !== null) return resolve({ type: 'ended', exitCode: by === 'SIGINT' ? EXIT.SIGINT : EXIT.SIGTERM });
      const how = startError === null ? `(${signal ?? `exit ${exitCode}`})` : `: ${messageOf(startError)}`;
      resolve({ type: 'refused', code: null, message: `the recorder is gone ${how}`, hint: null });
    });
  });
}

function refused({ code, message, hint }: Extract<Outcome, { type: 'refused' }>): ZddError {
  const known = code !== null && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'HARNESS_FAULT';
  return new ZddError(known, message, { hint: hint ?? undefined });
}

function openLog(dir: string): number {
  try {
    mkdirSync(dir, { recursive: true });
    return openSync(join(dir, RECORDER_LOG), 'ax', 0o644);
  } catch (cause) {
    throw new ZddError('OUTPUT_UNWRITABLE', `cannot write the run directory ${dir}: ${messageOf(cause)}`, {
      hint: 'choose another place with --out DIR',
      cause,
    });
  }
}

/** Shows what is added to the recorder's log, until the returned function is called. */
function relayLog(path: string): () => void {
  const log = openSync(path, 'r');
  const piece = Buffer.alloc(64 * 1024);
  const read = (): void => {
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(log, piece, 0, piece.length, null);
      process.stderr.write(piece.toString('utf8', 0, bytes));
    }
  };
  const stop = every(RELAY_EVERY_MS, read);
  return () => {
    stop();
    read();
    closeSync(log);
  };
}
