import type { ProbeName } from '../../model/probe.js';
import type { Run } from '../../model/run.js';
import { formatCount, formatMs } from '../../model/units.js';
import { faultLine, faultsIn, faultText, probeRun } from '../probe-faults.js';
import { nameOf, type Scope } from '../scope.js';
import type { Rule } from './rule.js';

const FAULTS_NAMED = 3;
const REMEDIES: Readonly<Record<string, string>> = {
  disconnects: 'Spread the closing over time, so that not every client connects again at once.',
  retried:
    'Finish what is under way, and announce the end of a connection, before it is closed: not every client sends again.',
};

/** What a client could have lost; idle connections have a rule of their own. */
export const probeRisk: Rule = {
  name: 'probe-risk',
  find: ({ run, whole }) =>
    faultsIn(run, whole, 'risk')
      .filter(({ probe }) => probe !== 'idle')
      .map((found) => {
        const faults = (probeRun(run, found.probe)?.faults ?? []).filter(
          ({ count, phase }) => count === found.fault.count && whole.phases.includes(phase),
        );
        return {
          severity: 'risk' as const,
          phase: nameOf(run, found.phases[0]?.phase ?? -1),
          claim: `${faultText(run, found)}.`,
          evidence: [...faults.slice(0, FAULTS_NAMED).map(faultLine), ...reconnects(run, found.probe, whole)],
          remedy: REMEDIES[found.fault.count] ?? '',
        };
      }),
};

function reconnects(run: Run, name: ProbeName, { phases }: Scope): string[] {
  const times = (probeRun(run, name)?.times ?? []).filter(({ phase }) => phases.includes(phase)).map(({ ms }) => ms);
  if (times.length === 0) return [];
  const [least, most] = [Math.min(...times), Math.max(...times)];
  return [`connected again ${formatCount(times.length)} times, after ${formatMs(least)} to ${formatMs(most)}`];
}
