import { readFileSync } from 'node:fs';
import { messageOf } from '../model/errors.js';
import type { Clock } from '../platform/clock.js';
import {
  allPids,
  childrenOf,
  commandOf,
  type ProcessEntry,
  processEntry,
  uptimeMs,
} from '../platform/process-table.js';
import type { WatchPlanOf } from './plan.js';
import type { Member } from './roll.js';
import type { Sight } from './sight.js';

interface Census {
  /** The run's time at which the machine was started. */
  bootAt: number;
  /** The watched processes that live now. */
  take(sight: Sight): Member[];
}

/** Children of threads other than the main one, which few programs have, are looked for once in so many looks. */
const THREADS_EVERY = 10;

/** Looks for the watched processes of this machine. */
export function createLocalCensus(plan: WatchPlanOf<'processes'>, clock: Clock): Census | { problem: string } {
  const bootAt = bootTime(clock);
  if (bootAt === null) return { problem: 'this system has no /proc: its processes cannot be watched' };
  const roots = plan.pidfile === null ? createMatcher(plan.match) : createPidfile(plan.pidfile);
  let known = new Map<number, Member>();
  let looks = 0;
  return {
    bootAt,
    take(sight) {
      const mains = roots(sight, known);
      const before = known;
      const threads = looks++ % THREADS_EVERY === 0 ? 'all' : 'main';
      known = descend([...stillAlive(known), ...mains], known, uptimeMs(), threads);
      markMains(known, plan.pidfile === null ? null : mains, before);
      return [...known.values()];
    },
  };
}

/** Null where the system does not say. */
function bootTime(clock: Clock): number | null {
  try {
    // The uptime is cut to 10 ms: the earliest of several readings is the nearest.
    return Math.min(...Array.from({ length: 5 }, () => clock.now() - uptimeMs()));
  } catch {
    return null;
  }
}

/** Processes of this moment to begin with; `known` are those of the look before. */
type Roots = (sight: Sight, known: ReadonlyMap<number, Member>) => ProcessEntry[];

function createPidfile(path: string): Roots {
  /** A pidfile that was there and is gone belongs to a process that ended. */
  let wasThere = false;
  return (sight) => {
    const found = readPidfile(path);
    if ('pid' in found) {
      wasThere = true;
      sight.sees();
      const main = processEntry(found.pid);
      return main === null ? [] : [main];
    }
    // Between two processes there is none, or one that is empty for a moment.
    if (!wasThere || !found.passing) sight.blind(found.problem);
    return [];
  };
}

function readPidfile(path: string): { pid: number } | { problem: string; passing: boolean } {
  try {
    const text = readFileSync(path, 'latin1').slice(0, 100).trim();
    const pid = Number(text);
    if (Number.isSafeInteger(pid) && pid > 0) return { pid };
    return { problem: `${path} holds no process id`, passing: text === '' };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { problem: missing ? `there is no ${path}` : messageOf(error), passing: missing };
  }
}

/** A process this young may still become another program (`exec`), ms. */
const YOUNG_MS = 3000;
/** Older ones that did not match are looked at again once in so many looks. */
const TURNS = 20;

/** Processes whose command line matches, but for this one and what runs below it: the commands of the steps. */
function createMatcher(match: WatchPlanOf<'processes'>['match']): Roots {
  const pattern = new RegExp(match?.source ?? '(?!)', match?.flags);
  let started = new Map<number, number>();
  let turn = 0;
  return (sight, known) => {
    const pids = allPids();
    const now = uptimeMs();
    const before = started;
    started = new Map();
    turn = (turn + 1) % TURNS;
    const found: ProcessEntry[] = [];
    for (const pid of pids) {
      const startedMs = before.get(pid);
      const isOld = startedMs !== undefined && now - startedMs > YOUNG_MS && pid % TURNS !== turn;
      const entry = known.has(pid) || isOld ? null : processEntry(pid);
      if (entry === null) {
        if (startedMs !== undefined) started.set(pid, startedMs);
        continue;
      }
      started.set(pid, entry.startedMs);
      if (pattern.test(commandOf(pid)) && !isOwn(entry)) found.push(entry);
    }
    sight.sees();
    return found;
  };
}

/** Whether this process started it, or one that it started. */
function isOwn({ pid, parent }: ProcessEntry): boolean {
  const above = parent <= 1 ? null : processEntry(parent);
  return pid === process.pid || parent === process.pid || (above !== null && isOwn(above));
}

function stillAlive(known: ReadonlyMap<number, Member>): ProcessEntry[] {
  return [...known.values()].filter(({ pid, startedMs }) => processEntry(pid)?.startedMs === startedMs);
}

/** A process is called after its parent until it is another program, or gave itself a title. */
const UNNAMED_MS = 1000;

/** These processes and all that descend from them. `now`: how long the machine is up. */
function descend(
  from: readonly ProcessEntry[],
  known: ReadonlyMap<number, Member>,
  now: number,
  threads: 'all' | 'main',
): Map<number, Member> {
  const found = new Map<number, Member>();
  const open = [...from];
  const alive = new Set(from.map(({ pid }) => pid));
  let table: ReadonlyMap<number, number[]> | null = null;
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    if (found.has(entry.pid)) continue;
    const before = known.get(entry.pid);
    const isNamed = before?.startedMs === entry.startedMs && now - entry.startedMs > UNNAMED_MS;
    const command = before !== undefined && isNamed ? before.command : commandOf(entry.pid);
    found.set(entry.pid, { ...entry, command, main: false });
    let children = table === null ? childrenOf(entry.pid, threads) : (table.get(entry.pid) ?? []);
    if (children === null) {
      table = childTable();
      children = table.get(entry.pid) ?? [];
    }
    for (const child of children) {
      // What is alive is in the list already.
      const below = alive.has(child) || found.has(child) ? null : processEntry(child);
      if (below !== null) open.push(below);
    }
  }
  return found;
}

/** Children by parent, for kernels that do not say it themselves. */
function childTable(): Map<number, number[]> {
  const table = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = processEntry(pid)?.parent ?? 0;
    table.set(parent, [...(table.get(parent) ?? []), pid]);
  }
  return table;
}

/** The process of the pidfile; without one, those whose parent was not watched when they were first seen. */
export function markMains(
  members: Map<number, Member>,
  named: readonly ProcessEntry[] | null,
  before: ReadonlyMap<number, Member> = new Map(),
): void {
  const pids = named?.map(({ pid }) => pid);
  for (const member of members.values()) {
    const known = before.get(member.pid);
    const isKnown = known?.startedMs === member.startedMs;
    member.main = pids?.includes(member.pid) ?? (isKnown ? known.main : !members.has(member.parent));
  }
}
