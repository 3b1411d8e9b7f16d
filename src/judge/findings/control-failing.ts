import { formatCount, formatMs } from '../../model/units.js';
import { besideControl, controlSpans } from '../control.js';
import { probeRun } from '../probe-faults.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Failures that are named in a finding. */
const NAMED = 3;

/** The endpoint that the release does not touch failed: the network or the harness, not the deploy. */
export const controlFailing: Rule = {
  name: 'control-failing',
  find: ({ run, whole, tally }, { unproven }) => {
    const failures = (probeRun(run, 'control')?.failures ?? []).filter(({ phase }) => whole.phases.includes(phase));
    const [first] = failures;
    if (first === undefined) return [];
    const spans = controlSpans(run);
    const { failed } = tally(whole);
    const beside = run.failures.filter(
      (failure) => whole.phases.includes(failure.phase) && besideControl(spans, failure),
    ).length;
    return [
      {
        severity: 'note',
        phase: nameOf(run, first.phase),
        claim: `${formatCount(failures.length)} requests to the endpoint that the release does not touch failed.`,
        evidence: [
          ...failures.slice(0, NAMED).map(({ at, detail }) => `at ${formatMs(at)}: ${detail}`),
          failed === 0
            ? 'no request to the target failed'
            : `${formatCount(Math.max(beside, unproven))} of the target's ${formatCount(failed)} failures came within a second of them, and show nothing`,
        ],
        remedy: 'Look for the cause in the network or on the machine of the harness.',
      },
    ];
  },
};
