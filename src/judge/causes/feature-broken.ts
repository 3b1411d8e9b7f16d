import type { Cause } from './cause.js';
import { servedBefore } from './served-before.js';
import { must, sign } from './sign.js';

export const featureBroken: Cause = {
  name: 'feature-broken',
  mode: null,
  claim: 'What was switched on in this step fails, in a release that had served well before it.',
  signature: 'Errors on some routes from the step on, without any change of version or process.',
  because: 'A feature flag or a setting turned on code that no request had run before.',
  remedy: 'Enable for a few first, and keep a switch that turns it off without a deploy.',
  references: [],
  signs: (v) => [
    must(v.appError + v.wrongAnswer > 0.6, 'the app answered wrongly', 1),
    must(v.kind !== 'migrate' && v.kind !== 'build', 'in a step that changes what users get', 0),
    sign(v.flowsSpared.length > 0, 1, 'on some routes only'),
    sign(servedBefore(v), 4, 'the same version had served well before'),
    sign(v.processes.appUntouched, 1, 'no process was being replaced'),
    sign(v.onlyNewVersion || v.versionsFailed.length === 0, 1, 'the new release answers them'),
  ],
};
