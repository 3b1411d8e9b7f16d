import type { RunEvent } from '../../model/event.js';
import type { HookEvent, HostClockEvent, RequirementEvent } from '../../model/release.js';
import type { Run } from '../../model/run.js';

type AboutSurroundings = HostClockEvent | RequirementEvent | HookEvent;

/** Entries of one kind that are listed at most; a scenario has fewer. */
const KEPT = 1000;

export function isAboutSurroundings(e: RunEvent): e is AboutSurroundings {
  return e.type === 'host' || e.type === 'requirement' || e.type === 'hook';
}

export interface SurroundingsLog {
  event(e: AboutSurroundings): void;
  surroundings(): Pick<Run, 'hosts' | 'requirements' | 'hooks'>;
}

/** What was found before the run began, and what ran after its verdict. */
export function createSurroundingsLog(): SurroundingsLog {
  const found: Pick<Run, 'hosts' | 'requirements' | 'hooks'> = { hosts: [], requirements: [], hooks: [] };
  return {
    event(e) {
      if (e.type === 'host') keep(found.hosts, without(e));
      else if (e.type === 'requirement') keep(found.requirements, without(e));
      else keep(found.hooks, without(e));
    },
    surroundings: () => ({
      hosts: found.hosts.slice(),
      requirements: found.requirements.slice(),
      hooks: found.hooks.slice(),
    }),
  };
}

function keep<T>(list: T[], item: T): void {
  if (list.length < KEPT) list.push(item);
}

function without<T extends { type: string }>({ type: _, ...rest }: T): Omit<T, 'type'> {
  return rest;
}
