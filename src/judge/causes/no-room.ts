import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const noRoom: Cause = {
  name: 'no-room',
  mode: null,
  claim: 'Both releases together did not fit: memory or database connections ran out while both were running.',
  signature:
    'Errors of the old release, too, as soon as the new one starts; processes killed, or connections refused by the database.',
  because: 'Limits were set for one release; during the switch there are two.',
  remedy: 'Plan for two: memory for both, and `max_connections` above the sum of their pools.',
  fixes: {
    postgres:
      'PostgreSQL: `max_connections` >= 2 x workers x pool + superuser_reserved_connections, or a pooler between.',
  },
  references: [],
  signs: (v) => [
    must(v.appError + v.gateway + v.lost > 0.6, 'the app failed', 0),
    sign(
      v.lines(/too many (?:clients|connections)|remaining connection slots|Out of memory|\boom/i).length > 0
        ? true
        : null,
      5,
      'a log says that connections or memory ran out',
    ),
    sign(restartedAgain(v), 3, 'processes of the app ended soon after their start, again and again', 1),
    sign(resourceIncident(v) ? true : null, 8, 'a process was killed for want of memory'),
    sign(
      v.versionsFailed.length === 0 ? null : v.versionsFailed.some((version) => v.versionsBefore.includes(version)),
      2,
      'the old release failed as well',
    ),
    sign(
      v.processes.appBegan === null ? null : v.processes.appBegan.length > 0,
      2,
      'processes of the new one had just begun',
    ),
    sign(v.kind === 'switch' || v.kind === 'warm' || v.kind === 'custom', 1, 'while both were running'),
    sign(v.hasMigrate ? false : null, 1, 'no migration'),
  ],
};

/** Who is killed because it did not end when it was asked to is none of these; nor is a `showroom`. */
const NO_MEMORY = /\boom|memory/i;

function resourceIncident({ run, incident }: Parameters<Cause['signs']>[0]): boolean {
  return run.watchers.some(({ incidents }) =>
    incidents.some(
      ({ at, detail, subject }) =>
        at >= incident.from - 2000 &&
        at <= incident.to &&
        (subject === 'oom' || NO_MEMORY.test(detail.replaceAll(subject, ''))),
    ),
  );
}

const SOON_MS = 5000;
const AGAIN = 3;

/** Null where none is watched. */
function restartedAgain({ processes, incident }: Parameters<Cause['signs']>[0]): boolean | null {
  if (processes.appBegan === null) return null;
  const short = processes.appBegan.filter(
    ({ startedAt, endedAt }) =>
      endedAt !== null && endedAt - startedAt < SOON_MS && startedAt > incident.from - SOON_MS,
  );
  return short.length >= AGAIN;
}
