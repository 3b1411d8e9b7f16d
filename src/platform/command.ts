import { existsSync } from 'node:fs';
import { execa, type Options } from 'execa';
import { messageOf } from '../model/errors.js';
import { Capture, type CaptureOptions } from './capture.js';
import { findProgram } from './machine.js';
import { endGroup } from './process-group.js';

export interface CommandEnd {
  /** Null where a signal ended it or it could not be started. */
  exitCode: number | null;
  signal: string | null;
  /** Why it could not be started; null where it could. */
  startError: string | null;
  /** Of a command on another machine: why its end is not known; null or absent where it is. */
  lost?: string | null;
}

/** A command under way, the leader of a process group of its own. */
export interface Command {
  /** Process id, which is also the group's; null where it could not be started. */
  pid: number | null;
  /** Resolves when the process itself exits, however long what it started goes on; never rejects. */
  ended: Promise<CommandEnd>;
  /** Ends the whole process group. */
  stop(): Promise<void>;
  /** Whether its output is read; false where there was no place to put it. */
  captured: boolean;
  /** Reads the last output; call once after `ended`. */
  close(): Promise<{ droppedBytes: number }>;
}

export interface CommandOptions extends CaptureOptions {
  /** A string is a script for `bash -eo pipefail` (`sh -e` where there is no bash); a list is argv without a shell. */
  run: string | string[];
  cwd: string;
  env: Record<string, string>;
}

const STOP_GRACE_MS = 5000;

/**
 * Starts a command in its own session. Its output goes to an unlinked file, not to a pipe: a daemon that the
 * command leaves behind keeps a descriptor it can write to when the run is long over.
 */
export async function startCommand(options: CommandOptions): Promise<Command> {
  // A rollback must be started even where its output cannot be kept (no descriptors, a full disk).
  const capture = await Capture.open(options).catch(() => null);
  const [file, ...args] = await argvOf(options.run);
  const settings: Options = {
    cwd: options.cwd,
    env: options.env,
    extendEnv: false,
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'ignore',
    // The types know the descriptors 3 to 9 only; any number is passed on to the system.
    stdout: capture === null ? 'ignore' : (capture.fd as 3),
    stderr: capture === null ? 'ignore' : (capture.fd as 3),
  };
  const child = execa(file as string, args, settings);
  const pid = child.pid ?? null;
  const ended = child.then(
    (result): CommandEnd => ({
      exitCode: result.exitCode ?? null,
      signal: result.signal ?? null,
      startError: pid === null ? startErrorOf(result, options) : null,
    }),
    (error): CommandEnd => ({ exitCode: null, signal: null, startError: messageOf(error) }),
  );
  return {
    pid,
    ended,
    stop: async () => {
      if (pid !== null) await endGroup(pid, STOP_GRACE_MS);
    },
    captured: capture !== null,
    close: async () => (capture === null ? { droppedBytes: 0 } : await capture.close()),
  };
}

/** The program and its arguments that a step's `run` stands for. */
export async function argvOf(run: string | string[]): Promise<string[]> {
  if (typeof run !== 'string') return run;
  const bash = await findProgram('bash', { path: process.env.PATH ?? '', cwd: process.cwd() });
  return bash === null ? ['sh', '-e', '-c', run] : [bash, '-eo', 'pipefail', '-c', run];
}

function startErrorOf(result: object, options: CommandOptions): string {
  if (!existsSync(options.cwd)) return `the folder ${options.cwd} does not exist`;
  const name = Array.isArray(options.run) ? options.run[0] : 'sh';
  const { code, originalMessage, shortMessage } = result as Record<string, string | undefined>;
  if (code === 'ENOENT') return `the program ${name} was not found`;
  if (code === 'EACCES') return `the program ${name} may not be executed`;
  return originalMessage ?? shortMessage ?? 'it could not be started';
}
