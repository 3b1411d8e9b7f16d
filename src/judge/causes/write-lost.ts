import type { Cause } from './cause.js';
import { must } from './sign.js';

export const writeLost: Cause = {
  name: 'write-lost',
  mode: null,
  claim: 'Work that was acknowledged was never done: a write or a job was lost or failed on the way.',
  signature: 'The answer said yes; read back later, the record is not there or not finished.',
  because:
    'A worker of one release could not read what the other had queued, was killed with a job in hand, or the data lay where only one release sees it.',
  remedy:
    'Let workers finish or give back what they hold, keep payloads readable by both releases, and let queues deliver again what was not acknowledged.',
  references: [],
  signs: (v) => [must(v.faults('ledger', 'lost') > 0, 'the ledger found acknowledged writes that are gone', 6)],
};
