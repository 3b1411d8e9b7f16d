import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { availableParallelism, constants as osConstants, setPriority } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

/** Files and sockets this process may have open at once; null where the system does not say. */
export async function openFilesLimit(): Promise<number | null> {
  const limits = await textOf('/proc/self/limits');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** Local ports that outgoing connections are given, and how many of them are taken (those in TIME_WAIT too). */
export async function ephemeralPorts(): Promise<{ from: number; to: number; inUse: number } | null> {
  const range = /^(\d+)\s+(\d+)/.exec(await textOf('/proc/sys/net/ipv4/ip_local_port_range'));
  if (range === null) return null;
  const [from, to] = [Number(range[1]), Number(range[2])];
  const sockets = `${await textOf('/proc/net/tcp')}\n${await textOf('/proc/net/tcp6')}`;
  const ports = new Set<number>();
  for (const [, hex] of sockets.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)) {
    const port = Number.parseInt(hex as string, 16);
    if (port >= from && port <= to) ports.add(port);
  }
  return { from, to, inUse: ports.size };
}

/** Cores this process may use, and what a container's limits leave of them; null where there is no limit. */
export async function processors(): Promise<{ count: number; quota: number | null }> {
  const [v2Quota, v2Period] = (await textOf('/sys/fs/cgroup/cpu.max')).trim().split(' ');
  const quota = Number(v2Quota || (await textOf('/sys/fs/cgroup/cpu/cpu.cfs_quota_us')));
  const period = Number(v2Period || (await textOf('/sys/fs/cgroup/cpu/cpu.cfs_period_us')));
  return { count: availableParallelism(), quota: quota > 0 && period > 0 ? quota / period : null };
}

/** Bytes of memory a container's limit allows; null where there is no limit. */
export async function memoryLimit(): Promise<number | null> {
  const text =
    (await textOf('/sys/fs/cgroup/memory.max')) || (await textOf('/sys/fs/cgroup/memory/memory.limit_in_bytes'));
  const bytes = Number(text);
  // Version 1 says "no limit" with the largest multiple of a page that fits 63 bits.
  return text.trim() !== '' && Number.isFinite(bytes) && bytes < 2 ** 60 ? bytes : null;
}

/** Lets every other process of this machine go first. */
export function lowerPriority(): void {
  setPriority(osConstants.priority.PRIORITY_LOW);
}

/** Smallest step of the monotonic clock that was seen, ms. */
export function clockStepMs(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 1000; tries += 1) {
    const before = performance.now();
    let after = performance.now();
    while (after === before) after = performance.now();
    smallest = Math.min(smallest, after - before);
  }
  return smallest;
}

/** How late timers of 1 ms come while nothing else runs in this process, ms, watched for `forMs`. */
export async function timerLateness(forMs: number): Promise<{ p50: number; p99: number; max: number }> {
  const lateness: number[] = [];
  const end = performance.now() + forMs;
  while (performance.now() < end) {
    const dueAt = performance.now() + 1;
    await delay(1);
    lateness.push(performance.now() - dueAt);
  }
  lateness.sort((a, b) => a - b);
  const at = (share: number) =>
    Math.max(0, lateness[Math.min(lateness.length - 1, Math.floor(lateness.length * share))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** The file that `name` starts, as a shell in `cwd` with this PATH would find it; null where there is none. */
export async function findProgram(name: string, options: { path: string; cwd: string }): Promise<string | null> {
  const candidates = name.includes('/')
    ? [isAbsolute(name) ? name : resolve(options.cwd, name)]
    : options.path
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => join(folder, name));
  for (const candidate of candidates) {
    if ((await allows(candidate, constants.X_OK)) && (await stat(candidate)).isFile()) return candidate;
  }
  return null;
}

/** Whether files can be made in `dir`, or the folder itself where it does not exist yet. */
export async function canWrite(dir: string): Promise<boolean> {
  const exists = await stat(dir).catch(() => null);
  if (exists !== null) return exists.isDirectory() && (await allows(dir, constants.W_OK | constants.X_OK));
  const parent = dirname(dir);
  return parent !== dir && (await canWrite(parent));
}

async function allows(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** The text of a file of the system; empty where this system has no such file. */
export async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
