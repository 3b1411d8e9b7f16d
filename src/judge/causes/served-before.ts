import type { View } from './view.js';

/**
 * Some version whose answers fail now answered for a while in an earlier step, and none failed there; the old
 * version only where there is no other. */
export function servedBefore({ run, incident, versionsBefore, versionsFailed, versionsOk }: View): boolean {
  const released = run.versions.some(({ version }) => !versionsBefore.includes(version));
  const versions = (versionsFailed.length > 0 ? versionsFailed : versionsOk).filter(
    (version) => !released || !versionsBefore.includes(version),
  );
  return versions.some((version) => {
    const before = run.cells.filter((cell) => cell.version === version && cell.phase < incident.phase);
    const isRelease = before.some(({ phase, ok }) => run.phases[phase]?.kind !== 'baseline' && ok >= 20);
    return isRelease && before.every(({ failed }) => failed === 0);
  });
}
