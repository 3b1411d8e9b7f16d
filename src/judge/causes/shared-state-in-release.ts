import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const sharedStateInRelease: Cause = {
  name: 'shared-state-in-release',
  mode: null,
  claim: 'Files that users had put there before the switch are not there in the new release.',
  signature: '404 of the new version for what the old one had taken; new files are found.',
  because: 'Uploads, sockets or logs lay inside of the release directory, and each release has its own.',
  remedy: 'Keep what outlives a release outside of it, and link it in.',
  references: [],
  signs: (v) => [
    must(
      v.faults('ledger', 'lost') + v.faults('ledger', 'failed') > 0 || v.status(404) > 0.5,
      'what was there before is not found',
      1,
    ),
    sign(v.status(404) > 0.5 || v.incident.faults.some(({ detail }) => /404/.test(detail)), 3, 'with 404'),
    sign(
      v.onlyNewVersion || v.versionsOk.some((version) => !v.versionsBefore.includes(version)),
      2,
      'by the new version',
    ),
    sign(v.flowsHit.length <= 1, 1, 'of one kind alone'),
    sign(
      /upload|file|avatar|media/i.test(
        [...v.flowsHit, JSON.stringify(v.run.header.effective ?? '').slice(0, 20_000)].join(' '),
      ),
      2,
      'of uploaded files',
    ),
  ],
};
