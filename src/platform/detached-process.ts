import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A process in a session of its own, which outlives this one once it is let go. */
export interface DetachedProcess {
  pid: number | undefined;
  /** Resolves when it is gone, after its last message; `startError` where it could not be started. */
  gone: Promise<{ exitCode: number | null; signal: NodeJS.Signals | null; startError: Error | null }>;
  onMessage(listen: (message: unknown) => void): void;
  /** Resolves once the message is under way; says nothing where the process is gone. */
  tell(message: object): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the connection to it, so that either side can end without the other. */
  letGo(): void;
}

/** Starts the module at `entry`; it writes its errors to the file `logFd`, if any, and has no other output or input. */
export function startDetached(entry: URL, logFd: number | null): DetachedProcess {
  const child: ChildProcess = fork(fileURLToPath(entry), [], {
    detached: true,
    stdio: ['ignore', 'ignore', logFd ?? 'ignore', 'ipc'],
  });
  const gone: DetachedProcess['gone'] = new Promise((resolve) => {
    child.on('exit', (exitCode, signal) => {
      const finish = (): void => resolve({ exitCode, signal, startError: null });
      if (child.connected) child.once('disconnect', finish);
      else finish();
    });
    child.on('error', (startError) => {
      if (child.pid === undefined) resolve({ exitCode: null, signal: null, startError });
    });
  });
  return {
    pid: child.pid,
    gone,
    onMessage: (listen) => child.on('message', listen),
    tell: (message) =>
      new Promise((resolve) => {
        if (child.connected) child.send(message, () => resolve());
        else resolve();
      }),
    kill: (signal) => child.kill(signal),
    letGo: () => {
      if (child.connected) child.disconnect();
      child.unref();
    },
  };
}
