import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const mixedVersions: Cause = {
  name: 'mixed-versions',
  mode: 24,
  claim: 'Code of both releases ran together: files were taken from one and from the other.',
  signature:
    'Errors of the app while versions interleave during and after the switch, beyond it where a cache holds paths.',
  because:
    'The live directory was edited in place, or a cache (opcache, realpath, templates) kept old files beside new ones.',
  remedy: 'Build each release in a folder of its own and move one link; let processes resolve it once, at their start.',
  fixes: { nginx: 'nginx and PHP: `fastcgi_param SCRIPT_FILENAME $realpath_root$fastcgi_script_name;`.' },
  references: ['https://github.com/deployphp/deployer/issues/1821'],
  signs: (v) => [
    must(v.appError + v.wrongAnswer > 0.5, 'the app answered wrongly', 1),
    must(
      v.kind === 'switch' || v.kind === 'custom' || v.kind === 'build' || v.role !== 'release',
      'while files were changed',
      0,
    ),
    sign(
      v.versionsFailed.some((version) => v.versionsBefore.includes(version)) || v.versionsFailed.length === 0,
      1,
      'the old version answered them',
    ),
    sign(v.processes.appFresh === null ? null : !v.processes.appFresh, 3, 'before any process was replaced'),
    sign(v.durationMs < 15_000 && v.recovered, 1, 'until files and processes were of one release again'),
    sign(v.flowsSpared.length > 0, 1, 'some flows were spared', 0),
    sign(v.systems.has('gunicorn') && v.kind === 'switch' ? true : null, 1, 'in the switch, before any reload'),
  ],
};
