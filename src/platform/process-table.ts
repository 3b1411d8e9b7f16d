import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks in a second, as /proc counts them: 100 on every machine that Node runs on. */
const TICKS_PER_SEC = 100;
/** Bytes of a command line that are looked at. */
const COMMAND_CHARS = 4000;

/** A process of this moment. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  /** When it was started, ms since the machine was. Together with `pid` it names the process. */
  startedMs: number;
}

/** A living process; null where it is gone, or a zombie that nobody has reaped. */
export function processEntry(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** A line of /proc/PID/stat; null for a zombie, and for what is none. */
export function parseStat(text: string): ProcessEntry | null {
  const pid = Number.parseInt(text, 10);
  // The name in brackets may itself hold blanks and brackets: count from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  const ticks = Number(fields[19]);
  if (!(pid > 0) || state === undefined || /[ZXx]/.test(state) || !Number.isFinite(ticks)) return null;
  return { pid, parent: Number(parent), startedMs: (ticks * 1000) / TICKS_PER_SEC };
}

/**
 * The children of a process, those of all its threads or of its main thread alone (which is quicker: a Node process has
 * a dozen threads); null where this kernel does not say.
 */
export function childrenOf(pid: number, threads: 'all' | 'main' = 'all'): number[] | null {
  const children: number[] = [];
  for (const thread of threads === 'main' ? [String(pid)] : threadsOf(pid)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
      for (const child of text.split(' ')) if (child !== '') children.push(Number(child));
    } catch (error) {
      // A thread that just ended; a file that this kernel does not have leaves the thread's folder in place.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && exists(`/proc/${pid}/task/${thread}/stat`)) return null;
    }
  }
  return children;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The command line as people write it; empty for a kernel thread, and for a process that is gone. */
export function commandOf(pid: number): string {
  try {
    return commandText(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return '';
  }
}

export function commandText(cmdline: string): string {
  return cmdline.slice(0, COMMAND_CHARS).replace(/\0+/g, ' ').trim();
}

/**
 * Numbers of all processes that this one may see.
 * @throws where there is no /proc.
 */
export function allPids(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** How long the machine is up, ms, to 10 ms. */
export function uptimeMs(): number {
  return parseUptime(readFileSync('/proc/uptime', 'latin1'));
}

export function parseUptime(text: string): number {
  return Number.parseFloat(text) * 1000;
}
