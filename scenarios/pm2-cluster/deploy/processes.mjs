import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const hasProc = existsSync('/proc/self/stat');

/**
 * Every process as `{ pid, command, environment }`, from /proc where there is one: slim images have no `ps`, and `ps`
 * tells no environment. Zombies are left out.
 */
export function processes() {
  if (!hasProc) {
    return execFileSync('ps', ['-axo', 'pid=,stat=,command='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
      .filter((match) => match !== null && !match[2].startsWith('Z'))
      .map((match) => ({ pid: Number(match[1]), command: match[3], environment: [] }));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({
      pid: Number(name),
      command: procFile(name, 'cmdline').join(' ').trim(),
      environment: procFile(name, 'environ'),
    }))
    .filter(({ command }) => command !== ''); // a zombie's is empty: dead, and not yet collected by its parent
}

/** Waits until none of the processes is left; false when the time is over. */
export async function gone(pids, withinMs) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const alive = new Set(processes().map(({ pid }) => pid));
    if (!pids.some((pid) => alive.has(pid))) return true;
    if (performance.now() > deadline) return false;
    await delay(50);
  }
}

export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function procFile(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0');
  } catch {
    return []; // gone meanwhile, or another user's
  }
}
