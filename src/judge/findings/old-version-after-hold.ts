import type { PhaseKind } from '../../model/phase.js';
import { formatCount } from '../../model/units.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Steps that give traffic to the new version: until the last of them is over, the old one has a share by right. */
const MOVES_TRAFFIC: readonly PhaseKind[] = ['switch', 'reload', 'custom'];

/** The old version answers in a later step, though the hold of the last step that moves traffic is over. */
export const oldVersionAfterHold: Rule = {
  name: 'old-version-after-hold',
  find: (m, _evidence, { before }) => {
    const { run } = m;
    if (before.length === 0) return [];
    const released = m.whole.phases.filter((index) => run.phases[index]?.role === 'release');
    const brings = released.find((index) =>
      run.cells.some(
        ({ phase, version, ok }) => phase === index && ok > 0 && version !== null && !before.includes(version),
      ),
    );
    if (brings === undefined) return [];
    const last = released.findLast((index) => MOVES_TRAFFIC.includes(run.phases[index]?.kind as PhaseKind)) ?? brings;
    const moved = Math.max(brings, last);
    if (run.phases[moved]?.holdAt === null) return [];
    return released
      .filter((index) => index > moved)
      .flatMap((index) => {
        const old = run.cells.filter(({ phase, version }) => phase === index && before.includes(version ?? ''));
        const count = old.reduce((sum, { requests }) => sum + requests, 0);
        if (count === 0) return [];
        return [
          {
            severity: 'risk' as const,
            phase: nameOf(run, index),
            claim: `The old version still answered in ${nameOf(run, index)}, after the hold of ${nameOf(run, moved)}.`,
            evidence: [`${formatCount(count)} answers of ${before.join(', ')}`],
            remedy: 'Let the release end only when the old processes are gone, or hold for longer.',
          },
        ];
      });
  },
};
