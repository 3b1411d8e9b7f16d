import { LOCAL_SHELL, Shell, type ShellResult } from '../platform/shell.js';
import type { RemoteHost } from '../platform/ssh.js';
import type { WatchContext } from './watcher.js';

/** What one look may take. */
const ANSWER_MS = 5000;
/** After a connection that was lost. */
const AGAIN_MS = 2000;

/** A shell that is there for all looks of a watcher; one that is lost is started again. */
export interface Remote {
  /** @throws where there is no shell, or it gives no answer. */
  run(script: string): Promise<ShellResult>;
  /** The same as text. @throws also where the script fails. */
  text(script: string): Promise<string>;
  close(): void;
}

/** `host` null: a shell of this machine. */
export function createRemote(host: RemoteHost | null, { clock, signal }: WatchContext): Remote {
  let shell: Shell | null = null;
  let againAt = Number.NEGATIVE_INFINITY;
  let lastError = new Error('it was not asked yet');
  const close = (): void => {
    shell?.close();
    shell = null;
  };
  signal.addEventListener('abort', close, { once: true });
  const run = async (script: string): Promise<ShellResult> => {
    if (shell === null && clock.now() < againAt) throw lastError;
    shell ??= new Shell(host?.shell ?? LOCAL_SHELL);
    try {
      return await shell.run(script, ANSWER_MS);
    } catch (error) {
      close();
      againAt = clock.now() + AGAIN_MS;
      lastError = error as Error;
      throw error;
    }
  };
  return {
    run,
    async text(script) {
      const { output, exitCode } = await run(script);
      const text = output.toString('utf8');
      if (exitCode !== 0) throw new Error(text.trim().split('\n').at(-1) || `it ended with ${exitCode}`);
      return text;
    },
    close: () => {
      signal.removeEventListener('abort', close);
      close();
    },
  };
}
