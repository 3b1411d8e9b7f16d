import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const eventsLost: Cause = {
  name: 'events-lost',
  mode: 25,
  claim: 'Events of a stream were lost between the cut and the new connection.',
  signature: 'The client comes back with Last-Event-ID, and what was sent meanwhile does not come.',
  because: 'Events are kept in the process that ended, or not at all.',
  remedy: 'Keep the events of the last minutes where every process can reach them, and honour `Last-Event-ID`.',
  references: ['https://html.spec.whatwg.org/multipage/server-sent-events.html'],
  signs: (v) => [
    must(v.faults('sse', 'lost') > 0, 'events were missing from the numbering', 4),
    sign(v.failed === 0, 1, 'requests of the mix went well'),
  ],
};
