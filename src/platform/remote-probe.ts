import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { endOf } from '../model/cut.js';
import { linesOf } from './lines.js';
import { endGroup } from './process-group.js';
import { lastLine, type RemoteHost } from './ssh.js';

/** How the clock of a host stands to this machine's: its time minus ours, known to within `uncertaintyMs`. */
export interface HostClock {
  offsetMs: number;
  uncertaintyMs: number;
}

/** What commands on a host need there. */
const PROGRAMS = ['setsid', 'mktemp', 'dd', 'sed', 'cut', 'sleep'];
const ROUNDS = 8;
const PROBE_MS = 30_000;
/** Clocks here are read to the millisecond. */
const RESOLUTION_MS = 1;

/**
 * Reaches a host: whether it lets us in, has what commands need, and what its clock says. The clock is asked several
 * times over one connection; the quickest answer tells most, as its way takes the least room for doubt.
 */
export async function probeHost(host: RemoteHost, signal?: AbortSignal): Promise<HostClock | { problem: string }> {
  const mark = `zdd-${randomBytes(12).toString('hex')}`;
  const [file, ...args] = host.shell;
  const child = execa(file as string, args, {
    detached: true,
    cleanup: false,
    buffer: false,
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  child.stdin.on('error', () => {});
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = endOf(errors + text, 4000);
  });
  child.stdin.write(probeScript(mark));
  const finished = new AbortController();
  const ask = askClock(child.stdin, linesOf(child.stdout.setEncoding('utf8') as AsyncIterable<string>), mark);
  const late = delay(PROBE_MS, { problem: `no answer for ${PROBE_MS / 1000} s` }, { signal: finished.signal });
  const aborted = new Promise<{ problem: string }>((resolve) => {
    signal?.addEventListener('abort', () => resolve({ problem: 'interrupted' }), { signal: finished.signal });
    if (signal?.aborted) resolve({ problem: 'interrupted' });
  });
  try {
    const found = await Promise.race([ask, late, aborted]);
    if (found !== null) return found;
    const { exitCode, originalMessage } = await child;
    const why = lastLine(errors) || (child.pid === undefined ? originalMessage : undefined);
    return { problem: why ?? `ssh exited with ${exitCode ?? 'a signal'}` };
  } catch (error) {
    return { problem: lastLine(errors) || String(error) };
  } finally {
    finished.abort();
    late.catch(() => {});
    child.stdin.destroy();
    if (child.pid !== undefined) await endGroup(child.pid, 500);
  }
}

/** Answers each line with its time; what a login writes before `ready` is of no interest. */
function probeScript(mark: string): string {
  return `{
exec 3<&0 </dev/null
for each in ${PROGRAMS.join(' ')}; do
  command -v "$each" >/dev/null || echo "${mark} missing $each"
done
echo "${mark} ready"
while read -r line; do date +%s%N; done <&3
exit 0
}
`;
}

/** The clock of the host; null where the connection ended before. */
async function askClock(
  input: { write(text: string): unknown },
  lines: AsyncGenerator<string>,
  mark: string,
): Promise<HostClock | { problem: string } | null> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) return null;
    if (value.includes(`${mark} missing`))
      return { problem: `the program ${value.split(' ').at(-1)} is missing there` };
    if (value.includes(`${mark} ready`)) break;
  }
  let best: HostClock | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const sentAt = Date.now();
    input.write('\n');
    const { value, done } = await lines.next();
    const cameAt = Date.now();
    if (done) return null;
    const clock = clockOf(value, sentAt, cameAt);
    if (clock === null) return { problem: `\`date +%s%N\` answered ${value.slice(0, 40)}` };
    if (best === null || clock.uncertaintyMs < best.uncertaintyMs) best = clock;
  }
  return best;
}

/** Reads nanoseconds since 1970; whole seconds, where that is all the host's `date` can say. */
export function clockOf(text: string, sentAt: number, cameAt: number): HostClock | null {
  const [, seconds, fraction = ''] = /^(\d{9,12}?)(\d{9}|%?N)?$/.exec(text.trim()) ?? [];
  if (seconds === undefined) return null;
  const exact = /^\d/.test(fraction);
  const there = Number(seconds) * 1000 + (exact ? Number(fraction) / 1e6 : 500);
  const round = (ms: number) => Math.round(ms * 10) / 10;
  return {
    offsetMs: round(there - (sentAt + cameAt) / 2),
    uncertaintyMs: round((cameAt - sentAt) / 2 + RESOLUTION_MS + (exact ? 0 : 500)),
  };
}
