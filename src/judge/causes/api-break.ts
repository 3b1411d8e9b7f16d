import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const apiBreak: Cause = {
  name: 'api-break',
  mode: null,
  claim: 'The new release answers in a way that clients of the old one do not understand.',
  signature:
    'Whole answers of the new version with 4xx, or without what was there before; from its first answer to its last.',
  because: 'A field was removed or changed its type, a path was renamed, or something new is demanded.',
  remedy: 'Only add to an API; keep what clients use until none does, and take the old and the new form meanwhile.',
  references: [],
  signs: (v) => [
    must(v.wrongAnswer > 0.8, 'whole answers, but other ones than before', 1),
    must(
      v.versionsFailed.some((version) => !v.versionsBefore.includes(version)) || v.versionsFailed.length === 0,
      'of the new version',
      0,
    ),
    sign(v.onlyNewVersion, 3, 'the new version alone gave them'),
    sign(v.flowsSpared.length > 0, 2, 'on some routes only'),
    sign(v.outlastsStep || v.untilUndone || v.durationMs > 2000, 1, 'for as long as it was live'),
    sign(v.faults('assets') > 0 ? false : null, 2, 'no assets'),
  ],
};
