import type { Cause } from './cause.js';
import { must } from './sign.js';

export const uploadDamaged: Cause = {
  name: 'upload-damaged',
  mode: null,
  claim: 'Uploads were acknowledged with other bytes than were sent.',
  signature: 'A success, and a digest that is not that of what was sent.',
  because:
    'A body was cut at a restart and taken as whole, or the new release reads it otherwise, such as bytes as text.',
  remedy: 'Check length and digest before an upload is acknowledged; drain uploads before the process ends.',
  references: [],
  signs: (v) => [must(v.faults('upload', 'corrupted') > 0, 'digests differ', 6)],
};
