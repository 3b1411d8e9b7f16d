import type { Cause } from './cause.js';
import { servedBefore } from './served-before.js';
import { must, sign } from './sign.js';

export const faultyVersion: Cause = {
  name: 'faulty-version',
  mode: null,
  claim: 'The new version itself fails: a share of the requests that it answers, for as long as it gets any.',
  signature: 'Errors of the new version alone, proportional to its share of the traffic; none from the old one.',
  because: 'A defect that the checks before the switch do not touch.',
  remedy: 'Give a new version a small share first, judge it by its own errors, and take it back by itself.',
  references: ['https://sre.google/workbook/canarying-releases/'],
  signs: (v) => [
    must(v.appError + v.gateway + v.lost + v.share('expectation') > 0.8, 'errors', 0),
    must(
      v.versionsFailed.every((version) => !v.versionsBefore.includes(version)),
      'none of them by the old version',
      0,
    ),
    sign(v.versionsFailed.length === 0 ? null : v.onlyNewVersion, 3, 'the new version alone gave them'),
    sign(v.okShare !== null && v.okShare > 0.1, 1, 'other requests succeeded'),
    sign(v.durationMs > 2000, 1, 'for as long as it got traffic'),
    sign(v.processes.appUntouched, 1, 'no process was being replaced'),
    sign(v.appError > 0.5 && v.status(500) > 0.5, 2, 'with 500'),
    sign(servedBefore(v) ? false : null, 3, 'it had not served well before'),
    sign(v.hasMigrate && v.kind === 'migrate' ? false : null, 2, 'not in a migration'),
    sign(
      v.status(503) > 0.8 && v.recovered && !v.untilUndone && v.durationMs < 10_000 ? false : null,
      3,
      'not while it was starting',
    ),
  ],
};
