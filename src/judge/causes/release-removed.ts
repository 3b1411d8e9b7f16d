import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const releaseRemoved: Cause = {
  name: 'release-removed',
  mode: 23,
  claim: 'The release that was to serve again was no longer there.',
  signature: 'The way back fails; where processes are reloaded without their files, everything is refused.',
  because: 'Old releases were removed while they could still be needed.',
  remedy:
    'Keep the last releases until the next one has proved itself; check that the target of a link exists before it moves.',
  references: [],
  signs: (v) => [
    must(v.role !== 'release', 'on the way back', 2),
    must(v.failed > 0, 'requests failed', 0),
    sign(v.run.end?.release === 'rollback-failed' || !v.recovered, 5, 'the old release did not come back'),
    sign(
      v.output(/no such file|not exist|there is no release|cannot access|can't chdir|isn't a directory/i).length > 0 ||
        v.lines(/no such file|doesn't exist|can't chdir/i).length > 0
        ? true
        : null,
      3,
      'files were missing',
    ),
    sign(v.appError > 0.5 ? false : null, 5, 'no error of an app that runs'),
    sign(v.hardMs >= 300, 1, 'nothing succeeded'),
  ],
};
