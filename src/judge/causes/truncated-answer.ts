import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const truncatedAnswer: Cause = {
  name: 'truncated-answer',
  mode: 12,
  claim: 'Answers were cut in the middle of their body.',
  signature: 'A status 200, then an end before the announced length; a client that does not check it sees a success.',
  because: 'The process ended while it was sending.',
  remedy: 'Drain before the process ends, and let clients check the length of what they got.',
  references: [],
  signs: (v) => [
    must(v.share('truncated') > 0.3, 'answers were shorter than announced', 12),
    sign(v.share('refused') === 0, 1, 'nothing was refused'),
    sign(
      v.processes.appEnded === null ? null : v.processes.appEnded.length > 0,
      1,
      'a process of the app ended at that time',
    ),
  ],
};
