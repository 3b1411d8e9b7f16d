import { isAsset } from './asset-skew.js';
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
    sign(
      v.faults('ledger', 'lost') === 0 ? null : acknowledgedBefore(v),
      4,
      'all of it was put there before the traffic had moved',
    ),
    sign(v.flowsHit.length <= 1, 1, 'of one kind alone'),
    sign(
      v.flowsHit.some((flow) => /upload|file|avatar|media/i.test(flow)),
      2,
      'the app takes uploads',
    ),
    sign(v.faults('assets') > 0 || v.flowsHit.some(isAsset(v)) ? false : null, 6, 'no assets'),
  ],
};

function acknowledgedBefore({ incident, phase }: Parameters<Cause['signs']>[0]): boolean {
  return incident.faults
    .filter((fault) => fault.phase === incident.phase)
    .every(({ since }) => since < phase.startAt + (phase.commandMs ?? 0));
}
