import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { messageOf } from '../model/errors.js';
import { Capture, type CaptureOptions, type Line } from './capture.js';
import type { Command, CommandEnd } from './command.js';
import { endGroup } from './process-group.js';
import { endScript, remoteScript } from './remote-script.js';
import { lastLine, type RemoteHost, runOverSsh } from './ssh.js';

export interface RemoteCommandOptions extends CaptureOptions {
  host: RemoteHost;
  run: string | string[];
  /** On the host; null for the folder the login begins in. */
  cwd: string | null;
  /** Variables of the command, beside those of the login. */
  env: Record<string, string>;
  /** What becomes of the command where the connection is lost, or the run dies. */
  onLost: 'end' | 'go-on';
  /** Told, once it runs, what ends it from another connection. */
  onRunning?(ending: Ending): void;
}

export interface Ending {
  argv: string[];
  input: string;
}

/** `lost` says what became of a command whose connection was lost. */
type RemoteEnd = Required<CommandEnd>;

/** What the polite way through the connection that stands may take, beside the grace on the host. */
const STOP_MS = 7000;
/** A second connection: made within 10 s, or not at all. */
export const END_MS = 20_000;

/**
 * Starts a command on a host. Never rejects: a host that cannot be reached is said by `ended`. The process id is that of
 * ssh here, the leader of a group of its own.
 */
export async function startRemoteCommand(options: RemoteCommandOptions): Promise<Command> {
  const { host, run, cwd, env, onLost, onLine } = options;
  const mark = `zdd-${randomBytes(12).toString('hex')}`;
  const talk = new Talk(mark, (running) => options.onRunning?.(endingOf(host, running)));
  const output = await Capture.open(options).catch(() => null);
  const errors = await Capture.open({
    ...options,
    clean: (text) => text,
    onLine: (line) => {
      const words = talk.hear(line);
      if (words !== null) onLine({ at: line.at, text: options.clean(words) });
    },
  }).catch(() => null);
  const [file, ...args] = host.shell;
  const child = execa(file as string, args, {
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'pipe',
    // The types know the descriptors 3 to 9 only; any number is passed on to the system.
    stdout: output === null ? 'ignore' : (output.fd as 3),
    stderr: errors === null ? 'ignore' : (errors.fd as 3),
  });
  const pid = child.pid ?? null;
  // Open until the command has ended: its end is what the host takes for the loss of the connection.
  child.stdin.on('error', () => {});
  child.stdin.write(remoteScript({ run, cwd, env, mark, onLost }));

  let stopping = false;
  let droppedBytes = 0;
  let over = false;
  const ended = child
    .then(
      (result) => ({ exitCode: result.exitCode ?? null, problem: result.originalMessage ?? '' }),
      (error) => ({ exitCode: null, problem: messageOf(error) }),
    )
    .then(async ({ exitCode, problem }): Promise<RemoteEnd> => {
      over = true;
      child.stdin.destroy();
      for (const capture of [output, errors]) droppedBytes += (await capture?.close())?.droppedBytes ?? 0;
      if (pid === null) return notStarted(/ENOENT/.test(problem) ? 'the program ssh was not found' : problem);
      if (errors === null) return lost('the output of ssh could not be read');
      return await endOf(talk, { host, exitCode, onLost, stopping });
    });
  const stop = async (): Promise<void> => {
    stopping = true;
    child.stdin.write('stop\n');
    if (await within(STOP_MS, () => over)) return;
    await talk.endFromElsewhere(host);
    if (!(await within(500, () => over)) && pid !== null) await endGroup(pid, 1000);
  };
  return {
    pid,
    ended,
    stop,
    captured: output !== null,
    close: async () => ({ droppedBytes }),
  };
}

/** The command as its host knows it. */
interface Running {
  pid: number;
  startTicks: string;
}

function endingOf(host: RemoteHost, running: Running): Ending {
  return { argv: host.shell, input: endScript(running) };
}

/** What the shell on the host said of the command. */
class Talk {
  readonly #mark: string;
  running: Running | null = null;
  exitCode: number | null = null;
  /** Why the command was not started there. */
  unfit: string | null = null;
  /** Last line of ssh itself, or of the login. */
  lastWords = '';
  readonly #onRunning: (running: Running) => void;
  #ending: Promise<boolean> | null = null;

  constructor(mark: string, onRunning: (running: Running) => void) {
    this.#mark = mark;
    this.#onRunning = onRunning;
  }

  /** Ends the command from a connection of its own, once; whether that can be said to have happened. */
  endFromElsewhere(host: RemoteHost): Promise<boolean> {
    const { running } = this;
    if (running === null) return Promise.resolve(false);
    this.#ending ??= runOverSsh(host, endScript(running), END_MS).then(({ stdout }) => lastLine(stdout) === 'gone');
    return this.#ending;
  }

  /** What is to be shown of a line of the error output; null where it was for us. */
  hear({ text }: Line): string | null {
    const at = text.indexOf(this.#mark);
    if (at < 0) {
      this.lastWords = lastLine(text) || this.lastWords;
      return text;
    }
    const [what, first = '', second = ''] = text.slice(at + this.#mark.length + 1).split(' ');
    if (what === 'started') {
      this.running = { pid: Number(first), startTicks: /^\d*$/.test(second) ? second : '' };
      this.#onRunning(this.running);
    }
    if (what === 'exit') this.exitCode = Number(first);
    if (what === 'cwd') this.unfit = 'cwd';
    if (what === 'unfit') this.unfit = text.slice(at + this.#mark.length + ' unfit '.length);
    return what === 'dropped' ? '[output was dropped here: more than the connection could carry]' : null;
  }
}

interface EndContext {
  host: RemoteHost;
  exitCode: number | null;
  onLost: 'end' | 'go-on';
  stopping: boolean;
}

async function endOf(talk: Talk, { host, exitCode, onLost, stopping }: EndContext): Promise<RemoteEnd> {
  const { running, lastWords } = talk;
  if (talk.unfit === 'cwd') return notStarted(`its folder does not exist on ${host.name}`);
  if (talk.unfit !== null) return notStarted(`${host.name}: ${talk.unfit}`);
  if (talk.exitCode !== null) return { exitCode: talk.exitCode, signal: null, startError: null, lost: null };
  const why = lastWords === '' ? `ssh exited with ${exitCode ?? 'a signal'}` : lastWords;
  if (running === null && stopping) return { exitCode: null, signal: 'SIGTERM', startError: null, lost: null };
  if (running === null) return notStarted(`ssh to ${host.name}: ${why}`);
  if (onLost === 'go-on' && !stopping) return lost(`${why}; its command goes on there, and how it ends is not known`);
  const gone = await talk.endFromElsewhere(host);
  if (gone && stopping) return { exitCode: null, signal: 'SIGTERM', startError: null, lost: null };
  return lost(gone ? `${why}; its command was ended there` : `${why}; its command may still run there`);
}

function notStarted(startError: string): RemoteEnd {
  return { exitCode: null, signal: null, startError, lost: null };
}

function lost(why: string): RemoteEnd {
  return { exitCode: null, signal: null, startError: null, lost: why };
}

async function within(ms: number, isTrue: () => boolean): Promise<boolean> {
  const pollMs = 20;
  for (let waited = 0; waited < ms && !isTrue(); waited += pollMs) await delay(pollMs);
  return isTrue();
}
