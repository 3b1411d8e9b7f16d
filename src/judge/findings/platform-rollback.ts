import type { StepKind, StepRole } from '../../model/phase.js';
import { formatMs } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import { PLATFORM_LABEL, type PlatformName, type WatchedPlatformAct, type WatchRun } from '../../model/watch.js';
import type { Measure } from '../measure.js';
import { releaseSpan, stepAt } from '../watch.js';
import type { Rule } from './rule.js';

/** Findings of one watcher that are listed. */
const LISTED = 5;

/** The platform went back or gave up by itself in the release, or somebody else than this run asked it to go back. */
export const platformRollback: Rule = {
  name: 'platform-rollback',
  find: (m) => m.run.watchers.flatMap((watch) => actsOf(m, watch).slice(0, LISTED)),
};

function actsOf(m: Measure, watch: WatchRun): Omit<Finding, 'rule'>[] {
  const { from, to } = releaseSpan(m);
  const acts = watch.platformActs.filter(({ at }) => at >= from && at <= to);
  return acts.flatMap((act, index) => {
    const before = acts.slice(0, index).findLast(({ subject }) => subject === act.subject);
    // The end of what has been told of already.
    if (act.act === 'rollback-completed' && before?.act === 'rollback-started') return [];
    if (act.byItself === false && act.act !== 'gave-up' && isOurs(m, act.at)) return [];
    const over = acts
      .slice(index + 1)
      .find((later) => later.subject === act.subject && later.act === 'rollback-completed');
    const step = stepAt(m, act.at);
    return [
      {
        severity: act.byItself === false ? ('note' as const) : ('risk' as const),
        phase: step,
        claim: `${claimOf(act)} in ${step}.`,
        evidence: [
          `at ${formatMs(act.at)} of the run${act.message === '' ? '' : `: ${act.message}`}`,
          ...(act.from === null || act.to === null ? [] : [`from ${act.from} to ${act.to}`]),
          ...(act.act === 'rollback-started'
            ? [over === undefined ? 'it was not seen to be back' : `back ${formatMs(over.at - act.at)} later`]
            : []),
        ],
        remedy: act.byItself === false ? '' : REMEDY[act.platform],
      },
    ];
  });
}

/** The way back of the scenario was under way. */
function isOurs({ run }: Measure, at: number): boolean {
  const roles: readonly StepRole[] = ['emergency', 'rehearsal', 'forward'];
  const kind: StepKind = 'rollback';
  const phase = run.phases.findLast(({ startAt }) => startAt <= at);
  return phase !== undefined && (roles.includes(phase.role) || phase.kind === kind);
}

function claimOf({ platform, subject, act, byItself }: WatchedPlatformAct): string {
  const who = PLATFORM_LABEL[platform];
  if (act === 'gave-up') return `${who} gave up on ${subject} and left it halfway`;
  if (byItself === true) return `${who} rolled ${subject} back by itself`;
  return byItself === false
    ? `${who} was asked to roll ${subject} back, and not by the way back of the scenario,`
    : `${who} rolled ${subject} back, and it is not known who asked for it,`;
}

const REMEDY: Record<PlatformName, string> = {
  swarm:
    '`docker service ps --no-trunc SERVICE` says why tasks failed. A `docker service rollback` after it fails, or brings the release back: let the scenario look at `UpdateStatus` first.',
  kubernetes:
    '`kubectl describe deployment NAME` and the events of its pods say why. Kubernetes leaves old and new pods as they are: undo it with `kubectl rollout undo`.',
};
