import { readFileSync, statfsSync } from 'node:fs';

/** Busy and whole time of all cores since the machine was started, in clock ticks. */
export interface CpuTimes {
  busy: number;
  all: number;
}

/** @throws where the system does not say, as all of these do. */
export function cpuTimes(): CpuTimes {
  const [, times = ''] = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1')) ?? [];
  // user nice system idle iowait irq softirq steal; guest time is part of user time.
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = times
    .split(' ')
    .map(Number);
  const busy = user + nice + system + irq + soft + steal;
  return { busy, all: busy + idle + wait };
}

/** The part of the memory that no process could get, 0 to 1. */
export function memoryShare(): number {
  const text = readFileSync('/proc/meminfo', 'latin1');
  const of = (name: string) => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1]);
  return 1 - of('MemAvailable') / of('MemTotal');
}

/** The part of the disk under a path that this user cannot write to any more, 0 to 1. */
export function diskShare(path: string): number {
  const { blocks, bfree, bavail } = statfsSync(path);
  const used = blocks - bfree;
  return used + bavail === 0 ? 0 : used / (used + bavail);
}

/** Processes that the kernel killed for want of memory since the machine was started. */
export function oomKills(): number {
  const count = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1];
  if (count === undefined) throw new Error('this kernel does not count the processes that it kills for want of memory');
  return Number(count);
}
