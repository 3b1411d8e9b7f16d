import type { Cause } from './cause.js';
import { lockSign } from './locks-seen.js';
import { must, sign } from './sign.js';

export const sharedResourceLocked: Cause = {
  name: 'shared-resource-locked',
  mode: null,
  claim: 'Something that requests need was locked for a time: they waited, and all went on in one moment.',
  signature: 'No errors and no process replaced; the flows that need it wait, others do not; outside of a migration.',
  because: 'A job of the release held a lock (a table, a file, a mutex) while traffic went on.',
  remedy: 'Hold locks for milliseconds, work in batches, and keep such jobs out of the switch.',
  references: [],
  signs: (v) => [
    must(v.incident.stalls.length > 0, 'requests waited', 1),
    must(v.failed <= 5, 'with hardly an error', 0),
    must(v.kind !== 'migrate', 'outside of a migration', 1),
    lockSign(v.locks, 'other', 'sessions waited for each other, not for a change of the schema'),
    sign(v.failed <= 2, 1, 'without errors'),
    sign(v.flowsWaitingAlone, 3, 'other flows were answered as ever'),
    sign(v.processes.appUntouched, 3, 'no process was being replaced'),
  ],
};
