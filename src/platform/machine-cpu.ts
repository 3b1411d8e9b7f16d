import { posix } from 'node:path';
import { textOf } from './machine.js';

/** What kept this process from its cores since the last reading; null where the system does not say. */
export interface CpuReading {
  /** Share of the machine's CPU time that the hypervisor took away, 0 to 1. */
  steal: number | null;
  /** How long the control group, or one it lies in, was throttled, ms. */
  throttledMs: number | null;
  /** Share of the time in which a task waited for a core, 0 to 1. */
  pressure: number | null;
}

/** Reads what kept this process from its cores, each time since the time before; the first reading says nothing. */
export function createCpuWatch(
  now: () => number,
  read: (path: string) => Promise<string> = textOf,
): () => Promise<CpuReading> {
  let cpu: CpuTimes | null = null;
  let readAt: number | null = null;
  let pressureUs: number | null = null;
  let throttledMs = new Map<string, number>();
  return async () => {
    const [stat, groups] = await Promise.all([read('/proc/stat'), read('/proc/self/cgroup')]);
    const cpuNow = cpuTimes(stat);
    const pressureNow = await firstPressureUs(read, groups);
    const throttledNow = await throttledByFile(read, groups);
    // Not before: a process that is starved takes its time to read.
    const at = now();
    const spanMs = readAt === null ? null : at - readAt;
    const reading: CpuReading = {
      steal: cpu === null || cpuNow === null ? null : stealShare(cpu, cpuNow),
      throttledMs: spanMs === null ? null : longestThrottling(throttledMs, throttledNow, spanMs),
      pressure: shareOf(pressureUs, pressureNow, spanMs),
    };
    [cpu, readAt, pressureUs, throttledMs] = [cpuNow, at, pressureNow, throttledNow];
    return reading;
  };
}

interface CpuTimes {
  steal: number;
  all: number;
}

/** The machine's CPU time since it was started, all cores together, in ticks: the first line of `/proc/stat`. */
function cpuTimes(stat: string): CpuTimes | null {
  const fields = /^cpu +(.+)/.exec(stat)?.[1]?.split(' ').map(Number);
  // user nice system idle iowait irq softirq steal; guests, which follow, are in user already.
  const times = fields?.slice(0, 8);
  if (times?.length !== 8 || times.some(Number.isNaN)) return null;
  return { steal: times[7] as number, all: times.reduce((sum, time) => sum + time, 0) };
}

function stealShare(before: CpuTimes, now: CpuTimes): number | null {
  const all = now.all - before.all;
  return all <= 0 ? null : Math.min(1, Math.max(0, now.steal - before.steal) / all);
}

function shareOf(beforeUs: number | null, nowUs: number | null, spanMs: number | null): number | null {
  if (beforeUs === null || nowUs === null || spanMs === null || spanMs <= 0) return null;
  return Math.min(1, Math.max(0, nowUs - beforeUs) / 1000 / spanMs);
}

/** PSI: of the own control group where it is kept, else of the machine. Microseconds since it began. */
async function firstPressureUs(read: (path: string) => Promise<string>, groups: string): Promise<number | null> {
  const own = groupFolders(groups)[0];
  for (const path of [...(own === undefined ? [] : [`${own}/cpu.pressure`]), '/proc/pressure/cpu']) {
    const total = /^some .*total=(\d+)/m.exec(await read(path))?.[1];
    if (total !== undefined) return Number(total);
  }
  return null;
}

/** Throttled time since it began, ms, by file: a limit of any group above binds as well. */
async function throttledByFile(read: (path: string) => Promise<string>, groups: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const folder of groupFolders(groups)) {
    const text = await read(`${folder}/cpu.stat`);
    const us = /^throttled_usec (\d+)/m.exec(text)?.[1];
    const ns = /^throttled_time (\d+)/m.exec(text)?.[1];
    if (us !== undefined) found.set(folder, Number(us) / 1000);
    else if (ns !== undefined) found.set(folder, Number(ns) / 1e6);
  }
  return found;
}

/** The kernel adds up what each core was throttled: never more than the time that went by. */
function longestThrottling(before: Map<string, number>, now: Map<string, number>, spanMs: number): number | null {
  if (now.size === 0) return null;
  const spans = [...now].map(([folder, ms]) => ms - (before.get(folder) ?? ms));
  return Math.round(Math.min(spanMs, Math.max(0, ...spans)) * 1000) / 1000;
}

/**
 * Folders of the control groups that may limit the CPU: the own one and those it lies in, of version 2 and 1. In a
 * container the path may be one of the host that is not visible here; then the root of the mount is its own group.
 */
function groupFolders(groups: string): string[] {
  return groups.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    const isV2 = controllers === '';
    if (!isV2 && !controllers.split(',').includes('cpu')) return [];
    const mounts = isV2 ? ['', '/unified'] : [`/${controllers}`, ...(controllers === 'cpu' ? [] : ['/cpu'])];
    return mounts.flatMap((mount) => withParents(path).map((each) => `/sys/fs/cgroup${mount}${each}`));
  });
}

/** `/a/b`, `/a`, and the root as the empty text. */
function withParents(path: string): string[] {
  const paths: string[] = [];
  for (let each = path; each !== '/' && each !== '.'; each = posix.dirname(each)) paths.push(each);
  return [...paths, ''];
}
