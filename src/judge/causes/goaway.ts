import type { Cause } from './cause.js';
import { must } from './sign.js';

export const goaway: Cause = {
  name: 'goaway',
  mode: 26,
  claim: 'HTTP/2 streams were lost as their connection went away: GOAWAY or REFUSED_STREAM.',
  signature:
    'HTTP/2 alone: streams above the last one that GOAWAY names, or refused ones; safe to repeat, and not every client does.',
  because: 'The server ended the connection with streams on it that it had not taken.',
  remedy:
    'Send GOAWAY with the highest stream number first, wait a round trip, then the final one; let clients repeat what it leaves out.',
  references: ['https://github.com/nginx/nginx/issues/1431'],
  signs: (v) => [must(v.share('goaway', 'refused-stream') > 0.2, 'streams were left out by GOAWAY or refused', 6)],
};
