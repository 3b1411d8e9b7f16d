import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const sessionLost: Cause = {
  name: 'session-lost',
  mode: null,
  claim: 'Users who were logged in before the switch were logged out.',
  signature: 'Sessions begun before the switch are refused by the new release; new ones hold.',
  because: 'Sessions lived in the memory of the old processes, or the key that signs them changed with the release.',
  remedy:
    'Keep sessions in a store that both releases share, and the key out of the release; rotate keys with an overlap.',
  references: [],
  signs: (v) => [
    must(v.faults('session', 'lost') > 0, 'sessions no longer held', 6),
    sign(v.versionsOk.some((version) => !v.versionsBefore.includes(version)) ? true : null, 0, ''),
  ],
};
