import { formatCount } from '../../model/units.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** The old version answers in a later step, though the hold of the step that brought the new one is over. */
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
    if (brings === undefined || run.phases[brings]?.holdAt === null) return [];
    return released
      .filter((index) => index > brings)
      .flatMap((index) => {
        const old = run.cells.filter(({ phase, version }) => phase === index && before.includes(version ?? ''));
        const count = old.reduce((sum, { requests }) => sum + requests, 0);
        if (count === 0) return [];
        return [
          {
            severity: 'risk' as const,
            phase: nameOf(run, index),
            claim: `The old version still answered in ${nameOf(run, index)}, after the hold of ${nameOf(run, brings)}.`,
            evidence: [`${formatCount(count)} answers of ${before.join(', ')}`],
            remedy: 'Let the release end only when the old processes are gone, or hold for longer.',
          },
        ];
      });
  },
};
