import type { ProcessEntry } from '../platform/process-table.js';
import type { WatchContext } from './watcher.js';

/** A watched process of this moment. */
export interface Member extends ProcessEntry {
  command: string;
  main: boolean;
}

/**
 * Records which of the watched processes began and ended between two looks. `bootAt` is the run's time at which the
 * machine was started, `at` when the look began.
 */
export function createRoll({ record }: Pick<WatchContext, 'record'>) {
  let known = new Map<string, Member>();
  let calledAt = Number.NEGATIVE_INFINITY;
  return (members: readonly Member[], bootAt: number, at: number): void => {
    const present = new Map(members.map((member) => [keyOf(member), member]));
    for (const [key, { pid }] of known) {
      if (!present.has(key)) record({ what: 'process-ended', pid, aliveAt: calledAt });
    }
    for (const [key, member] of present) {
      const before = known.get(key);
      if (before !== undefined && !differs(before, member)) continue;
      const { pid, parent, startedMs, command, main } = member;
      record({ what: 'process-began', pid, parent, startedAt: Math.round(bootAt + startedMs), command, main });
    }
    known = present;
    calledAt = at;
  };
}

/** The pidfile names it now, or it has found its name. */
function differs(before: Member, { main, command }: Member): boolean {
  return (main && !before.main) || command !== before.command;
}

/** A number may be given to another process once the first is gone. */
function keyOf({ pid, startedMs }: ProcessEntry): string {
  return `${pid} ${startedMs}`;
}
