import { execa } from 'execa';

/** Another machine, reached by the system's ssh. */
export interface RemoteHost {
  /** Its name in the scenario. */
  name: string;
  /** The command that brings a POSIX shell there: `ssh ... exec sh -s`. */
  shell: string[];
}

export interface SshDestination {
  /** `user@host`, a name of the user's ssh configuration, or `ssh://user@host:port`. */
  destination: string;
  port: number | null;
  identity: string | null;
  /** Words put before our own options: of two with one meaning ssh takes the first. */
  options: readonly string[];
}

/** How long a connection may take to come about; no sign of life for twice the interval means that it is lost. */
const CONNECT_SEC = 10;
const ALIVE_INTERVAL_SEC = 5;
const ALIVE_COUNT = 2;

/**
 * The command that brings a POSIX shell there, whatever the login shell is, on a connection on which nobody can be
 * asked anything. Which host keys are trusted, and what else the user's configuration says, is left to it.
 */
export function sshShell({ destination, port, identity, options }: SshDestination): string[] {
  const own = {
    ConnectTimeout: CONNECT_SEC,
    ServerAliveInterval: ALIVE_INTERVAL_SEC,
    ServerAliveCountMax: ALIVE_COUNT,
    // A connection that is shared outlives the command that opened it, and would be left behind.
    ControlMaster: 'no',
    ClearAllForwardings: 'yes',
    RemoteCommand: 'none',
  };
  return [
    'ssh',
    '-T',
    '-o',
    'BatchMode=yes',
    ...options,
    ...Object.entries(own).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
    ...(port === null ? [] : ['-p', String(port)]),
    ...(identity === null ? [] : ['-i', identity, '-o', 'IdentitiesOnly=yes']),
    '--',
    destination,
    'exec sh -s',
  ];
}

/** A text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export interface ScriptEnd {
  exitCode: number | null;
  stdout: string;
  /** Last line ssh or the host wrote to its error output, for people. */
  lastWords: string;
}

/** Runs a short script on a host to its end; never rejects, and never takes longer than `timeoutMs`. */
export async function runOverSsh(host: RemoteHost, script: string, timeoutMs: number): Promise<ScriptEnd> {
  const [file, ...args] = host.shell;
  const result = await execa(file as string, args, {
    input: script,
    reject: false,
    timeout: timeoutMs,
    forceKillAfterDelay: 500,
    maxBuffer: 1_000_000,
    detached: true,
    cleanup: false,
  }).catch(() => null);
  if (result === null) return { exitCode: null, stdout: '', lastWords: 'ssh could not be started' };
  return {
    exitCode: result.exitCode ?? null,
    stdout: String(result.stdout ?? ''),
    lastWords: lastLine(String(result.stderr ?? '')) || (result.timedOut ? `no answer for ${timeoutMs / 1000} s` : ''),
  };
}

export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
