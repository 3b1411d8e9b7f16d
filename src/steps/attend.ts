import type { Clock } from '../platform/clock.js';
import type { Command, CommandEnd } from '../platform/command.js';
import { END_MS } from '../platform/remote-command.js';
import type { RemoteHost } from '../platform/ssh.js';

const STUCK_MS = 10_000;

/** What came first: the command's own end, its time was over, or it was to be stopped. */
export type First = 'ended' | 'timeout' | 'halted';

/** Waits for a command; where it does not end by itself in time, its whole process group is ended. */
export async function attend(
  command: Command,
  { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal: AbortSignal },
): Promise<First> {
  const timer = new AbortController();
  const timedOut = clock.sleep(timeoutMs, timer.signal).then(
    () => 'timeout' as const,
    () => 'ended' as const,
  );
  const halted = new Promise<'halted'>((resolve) => {
    if (signal.aborted) resolve('halted');
    signal.addEventListener('abort', () => resolve('halted'), { once: true, signal: timer.signal });
  });
  try {
    const first = await Promise.race([command.ended.then(() => 'ended' as const), timedOut, halted]);
    if (first !== 'ended') await command.stop();
    return first;
  } catch (error) {
    await command.stop();
    throw error;
  } finally {
    timer.abort();
  }
}

/** How a command ended that was attended; one that even SIGKILL does not end (stuck in the kernel) is not waited for. */
export async function endOf(
  command: Command,
  { clock, host, onStuck }: { clock: Clock; host: RemoteHost | null; onStuck?(): void },
): Promise<CommandEnd> {
  const timer = new AbortController();
  const stuck = clock.sleep(host === null ? STUCK_MS : STUCK_MS + END_MS, timer.signal).then(
    () => {
      onStuck?.();
      return { exitCode: null, signal: null, startError: null };
    },
    () => command.ended,
  );
  try {
    return await Promise.race([command.ended, stuck]);
  } finally {
    timer.abort();
  }
}

/** Why a command that ended by itself did not do its part, as the end of a sentence; null where it did. */
export function endText(end: CommandEnd): string | null {
  if (end.exitCode === 0) return null;
  if (end.exitCode === null) return `was ended by ${end.signal ?? 'a signal'}`;
  return `exited with ${end.exitCode}${hintOf(end.exitCode)}`;
}

function hintOf(exitCode: number): string {
  if (exitCode === 127) return ' (command not found)';
  if (exitCode === 126) return ' (not executable)';
  return '';
}
