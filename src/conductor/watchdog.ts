import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type LiveProcess, processOf } from './alive.js';

/** The process group of the step under way. When the run dies it is ended; a rollback's is waited for instead. */
export interface WatchedGroup {
  groupId: number;
  startTicks: string | null;
  onDeath: 'end' | 'wait';
  /** What ends the command on the host it runs on, where the group is only the connection to it. */
  elsewhere: Elsewhere | null;
}

/** A command that is given its input and nothing else. */
export interface Elsewhere {
  argv: string[];
  input: string;
}

export interface TeardownCommand {
  argv: string[];
  cwd: string;
  env: Record<string, string>;
  /** What it reads; null for nothing. */
  input: string | null;
}

/** From the run to its watchdog, one JSON object a line. */
export type WatchdogMessage =
  | { type: 'watch'; group: WatchedGroup }
  | { type: 'forget'; groupId: number }
  | { type: 'teardown'; commands: TeardownCommand[] }
  | { type: 'done' };

/**
 * A process that outlives the run: when the run is killed it ends the process group of the step under way
 * (a rollback is let go on) and runs the teardown. It ends by itself when the run ends in order.
 */
export interface Watchdog {
  /** Null where it could not be started. */
  process: LiveProcess | null;
  /** Once more for a group that is known already: what is said last holds. */
  watch(groupId: number, onDeath: WatchedGroup['onDeath'], elsewhere?: Elsewhere): void;
  forget(groupId: number): void;
  teardown(commands: TeardownCommand[]): void;
  /** Nothing is left to act for. */
  done(): void;
}

export function startWatchdog(): Watchdog {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./watchdog-process.js', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // It may be gone already when the run ends; that is no fault of the run.
  child.stdin.on('error', () => {});
  child.on('error', () => {});
  const send = (message: WatchdogMessage): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  return {
    process: child.pid === undefined ? null : processOf(child.pid),
    watch: (groupId, onDeath, elsewhere) => {
      const { startTicks } = processOf(groupId);
      send({ type: 'watch', group: { groupId, startTicks, onDeath, elsewhere: elsewhere ?? null } });
    },
    forget: (groupId) => send({ type: 'forget', groupId }),
    teardown: (commands) => send({ type: 'teardown', commands }),
    done: () => {
      send({ type: 'done' });
      child.stdin.end();
    },
  };
}
