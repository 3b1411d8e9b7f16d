import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Process {
  pid: number;
  command: string;
}

/** What a case left running, once it had a moment to end. */
export async function orphansOf(root: string, withinMs = 3000): Promise<Process[]> {
  const until = performance.now() + withinMs;
  for (;;) {
    const found = processesOf(root);
    if (found.length === 0 || performance.now() > until) return found;
    await delay(100);
  }
}

/** Ends them, by id; returns those that are still there. */
export async function endAll(processes: readonly Process[], root: string): Promise<Process[]> {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  return orphansOf(root);
}

/**
 * Living processes that belong to a case: its ROOT is in their environment, in their command line, or they work or
 * have a file open below it. Daemons that write their title over their environment (nginx, PostgreSQL) are known by
 * their files.
 */
function processesOf(root: string): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid) && belongsTo(pid, root))
    .map((pid) => ({ pid, command: textOf(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 200) }));
}

function belongsTo(pid: number, root: string): boolean {
  const isBelow = (path: string): boolean => path === root || path.startsWith(`${root}/`);
  if (textOf(pid, 'environ').split('\0').includes(`ROOT=${root}`)) return true;
  if (
    textOf(pid, 'cmdline')
      .split(/[\0 =]/)
      .some(isBelow)
  )
    return true;
  return isBelow(linkOf(pid, 'cwd')) || openFiles(pid).some(isBelow);
}

/** What is mounted below a folder: it must not be removed with it. */
export function mountsBelow(folder: string): string[] {
  const points = textOf('self', 'mountinfo')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`));
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((number) => linkOf(pid, `fd/${number}`));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  const state = textOf(pid, 'stat').split(') ').at(-1)?.[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

function textOf(pid: number | 'self', file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function linkOf(pid: number, name: string): string {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return '';
  }
}
