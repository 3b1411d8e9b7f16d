import type { RunEvent } from '../../model/event.js';
import type { MigrationsEvent } from '../../model/migrations.js';
import type { HookEvent, HostClockEvent, RequirementEvent } from '../../model/release.js';
import type { Run } from '../../model/run.js';

type AboutSurroundings = HostClockEvent | RequirementEvent | MigrationsEvent | HookEvent;
type Surroundings = Pick<Run, 'hosts' | 'requirements' | 'migrations' | 'hooks'>;

/** Entries of one kind that are listed at most; a scenario has fewer. */
const KEPT = 1000;

export function isAboutSurroundings(e: RunEvent): e is AboutSurroundings {
  return e.type === 'host' || e.type === 'requirement' || e.type === 'migrations' || e.type === 'hook';
}

export interface SurroundingsLog {
  event(e: AboutSurroundings): void;
  surroundings(): Surroundings;
}

/** What was found before the run began, and what ran after its verdict. */
export function createSurroundingsLog(): SurroundingsLog {
  const found: Surroundings = { hosts: [], requirements: [], migrations: [], hooks: [] };
  return {
    event(e) {
      if (e.type === 'host') keep(found.hosts, without(e));
      else if (e.type === 'requirement') keep(found.requirements, without(e));
      else if (e.type === 'migrations') keep(found.migrations, without(e));
      else keep(found.hooks, without(e));
    },
    surroundings: () => ({
      hosts: found.hosts.slice(),
      requirements: found.requirements.slice(),
      migrations: found.migrations.slice(),
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
