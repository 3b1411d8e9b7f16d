import { UNSENT_CAUSES } from '../../model/outcome.js';
import { formatCount } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';
import { watchersOf } from '../watch.js';
import { type Cause, remedyFor } from './cause.js';
import { systemsOf } from './systems.js';

/** Why a run proves nothing, or why its release did not happen, where users met no harm that explains it. */
export interface RunCause extends Omit<Cause, 'signs'> {
  /** What shows it, and the step it belongs to; null where it is not so. */
  find(m: Measure, evidence: Evidence, change: VersionChange): { phase: string; evidence: string[] } | null;
}

/** A question that was never sent, by its cause: `GET http://shop/: dns (EAI_AGAIN)`. */
const UNASKED = new RegExp(`: (?:${UNSENT_CAUSES.join('|')}) \\(`);

/** Why a release is not carried on. */
const RELEASE_STOPPED: readonly string[] = ['command', 'readiness', 'threshold'];

const harness: RunCause = {
  name: 'harness-limit',
  mode: 35,
  claim: 'The harness itself could not send: nothing of this is the fault of the release.',
  signature: 'Arrivals that were never sent: for want of ports, descriptors, a name that resolves, or time.',
  because: 'The machine of the harness, its limits or its resolver.',
  remedy: 'The reasons name the limit to raise; `zdd-verify doctor` shows it.',
  references: [],
  find: (m) => {
    const { unsent, unsentBy } = m.tally({ label: '', phases: [...m.baseline.phases, ...m.whole.phases] });
    const unasked = m.run.decisions.find(({ cause, detail }) => cause === 'preflight' && UNASKED.test(detail));
    if (unasked !== undefined) return { phase: 'baseline', evidence: [unasked.detail] };
    // A command that failed did so by itself, whatever else was not sent.
    if (unsent === 0 || commandFailed(m)) return null;
    const by = Object.entries(unsentBy).map(([cause, count]) => `${formatCount(count)} ${cause}`);
    return { phase: 'run', evidence: [`${formatCount(unsent)} arrivals were not sent: ${by.join(', ')}`] };
  },
};

function commandFailed({ run }: Measure): boolean {
  const { cause } = run.decisions.find((each) => RELEASE_STOPPED.includes(each.cause)) ?? {};
  return cause === 'command' && run.end?.release !== 'completed';
}

const refusedBefore: RunCause = {
  name: 'refused-before',
  mode: null,
  claim: 'What must hold before a run did not: nothing was run.',
  signature: 'No step began and no request was sent.',
  because:
    'Something that the scenario requires is missing, or SQL that a step names is unsafe and is to refuse the run.',
  remedy: 'Mend what the reason names: it has the line of the SQL, the variable, the command or the URL.',
  references: [],
  find: ({ run }) => {
    const decision = run.decisions.find(({ cause }) => cause === 'preflight');
    const isRefused = run.requirements.some(({ ok }) => !ok) || run.migrations.some(({ refused }) => refused);
    if (run.end?.release !== 'not-started' || decision === undefined || !isRefused) return null;
    return { phase: 'run', evidence: [decision.detail] };
  },
};

/** `the probe inflight never worked: status 404, expected 200-399`; an answer of 5xx may be a fault of the target. */
const NEVER_WORKED = /\bthe probe \S+ never worked: .*\bstatus [1-4]\d\d\b/;

const probeNeverWorked: RunCause = {
  name: 'probe-never-worked',
  mode: null,
  claim:
    "A probe's own request was never answered as the scenario expects, and those of the mix were: its route does not exist, or the expectation is wrong.",
  signature: 'In the baseline no request of the mix fails, and a probe never once does what it is there for.',
  because: 'The route that the probe asks does not exist in this target, or its answer is another than expected.',
  remedy:
    'Mend the scenario: the route that the probe asks, what it sends, or what it expects (`probes`); or leave the probe out.',
  references: [],
  find: (m) => {
    const decision = m.run.decisions.find(({ cause, detail }) => cause === 'baseline' && NEVER_WORKED.test(detail));
    const { requests, failed } = m.tally(m.baseline);
    if (m.run.end?.release !== 'not-started' || decision === undefined || requests === 0 || failed > 0) return null;
    return {
      phase: 'baseline',
      evidence: [decision.detail, `none of ${formatCount(requests)} requests of the mix failed in the baseline`],
    };
  },
};

const failingBefore: RunCause = {
  name: 'failing-before',
  mode: null,
  claim: 'The target failed before anything was done to it.',
  signature: 'Failures in the baseline.',
  because: 'It was ill before the release, or is asked for something that it cannot answer.',
  remedy: 'Mend the target, or what the scenario expects of it, then release.',
  references: [],
  find: (m) => {
    const decision = m.run.decisions.find(({ cause }) => cause === 'preflight' || cause === 'baseline');
    if (m.run.end?.release !== 'not-started' || decision === undefined) return null;
    return { phase: 'baseline', evidence: [decision.detail] };
  },
};

const refused: RunCause = {
  name: 'release-refused',
  mode: null,
  claim: 'The release did not happen: a step failed or its gate did not open, and users stayed on the old one.',
  signature: 'The release is undone or was never begun, and no request failed.',
  because:
    'What the step says: a check before the release, a configuration that does not hold, an instance that is not ready.',
  remedy: 'That is what gates are for. Mend what the step names, and release again.',
  references: [],
  find: ({ run }) => {
    const decision = run.decisions.find(({ cause }) => RELEASE_STOPPED.includes(cause));
    if (decision === undefined || run.end?.release === 'completed') return null;
    const step = run.phases.findLast(({ startAt }) => startAt <= decision.at);
    return { phase: step?.name ?? '-', evidence: [decision.detail] };
  },
};

const pinned: RunCause = {
  name: 'old-release-pinned',
  mode: 22,
  claim:
    'The link moved or processes were replaced, and the old release went on answering: new processes start from the old path.',
  signature: 'All answers are good, and the version never changes.',
  because: 'A master keeps the working directory it was started in, with the link resolved: reloads start from there.',
  remedy: 'Let the server resolve the link at each reload.',
  fixes: {
    gunicorn: 'gunicorn: `--chdir /srv/app/current`, started from outside of it; no `preload_app`.',
    systemd: 'systemd: `WorkingDirectory=` is read at a start only; `--chdir` on the command line at every reload.',
    pm2: 'PM2: `cwd` with the link, and `pm2 reload ecosystem.config.js --update-env`.',
  },
  references: ['https://github.com/benoitc/gunicorn/issues/394'],
  find: (m, _evidence, change) => {
    if (!neverChanged(change)) return null;
    const { run } = m;
    const from = run.phases[m.whole.phases[0] ?? -1]?.startAt ?? 0;
    const moved = watchersOf(run, 'link').filter(({ states }) => states.some(({ at }) => at > from));
    const began = watchersOf(run, 'processes').filter(({ processes }) =>
      processes.some(({ startedAt }) => startedAt > from),
    );
    if (moved.length + began.length === 0) return null;
    const seen = [
      ...moved.map(({ name }) => `${name} points elsewhere`),
      ...began.map(({ name }) => `processes of ${name} began`),
    ];
    return { phase: lastMovingStep(m), evidence: [...change.missing, `meanwhile ${seen.join(', ')}`] };
  },
};

const nothingChanged: RunCause = {
  name: 'nothing-released',
  mode: null,
  claim: 'The steps ended well and nothing changed: the old release answered all through.',
  signature: 'All answers are good, and the version never changes; no link moves and no process begins.',
  because: 'The commands released what was there already, or somewhere else.',
  remedy: 'Look at what the steps were given: the version, the folder, the host.',
  references: [],
  find: (m, _evidence, change) =>
    neverChanged(change) ? { phase: lastMovingStep(m), evidence: change.missing } : null,
};

/** The first that is found is the cause. */
export const RUN_CAUSES: readonly RunCause[] = [
  harness,
  refusedBefore,
  probeNeverWorked,
  failingBefore,
  refused,
  pinned,
  nothingChanged,
];

function neverChanged({ verified, missing }: VersionChange): boolean {
  return verified === false && missing.some((each) => each.startsWith('the version never changed'));
}

function lastMovingStep({ run, whole }: Measure): string {
  const moving = whole.phases.findLast((index) =>
    ['switch', 'reload', 'custom'].includes(run.phases[index]?.kind ?? ''),
  );
  return run.phases[moving ?? -1]?.name ?? 'run';
}

export function runCauseOf(m: Measure, evidence: Evidence, change: VersionChange): Finding | null {
  for (const cause of RUN_CAUSES) {
    const found = cause.find(m, evidence, change);
    if (found === null) continue;
    return {
      rule: cause.name,
      severity: 'risk',
      phase: found.phase,
      claim: cause.claim,
      evidence: found.evidence,
      remedy: remedyFor({ ...cause, signs: () => [] }, systemsOf(m.run)),
      mode: cause.mode,
      confidence: 'high',
      runnerUp: null,
    };
  }
  return null;
}
