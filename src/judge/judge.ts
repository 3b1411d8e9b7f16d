import type { Run } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import { adviceOf } from './advice.js';
import { boundOf } from './bounds.js';
import { causesOf } from './causes/causes.js';
import { detectabilityOf } from './detectability.js';
import { evidenceOf } from './evidence.js';
import { exitCodeOf } from './exit-code.js';
import { findingsOf } from './findings/registry.js';
import { gateOf } from './gate.js';
import { type Facts, headlineOf } from './headline.js';
import { latencyIntervalsOf } from './latency-intervals.js';
import { locksOf } from './locks/locks.js';
import { measure } from './measure.js';
import { oldChecksOf } from './old-checks/old-checks.js';
import { reasonsOf } from './reasons.js';
import { reconcile } from './reconcile.js';
import { deployedAtOf, releaseOf } from './release.js';
import { blastRadiusOf } from './release-blast.js';
import { evaluateThresholds } from './thresholds.js';
import { doubtsOf, isAboutHarness } from './validity.js';
import { verdictOf } from './verdict.js';
import { versionChange } from './version-change.js';
import { versionTimelineOf } from './version-timeline.js';

/** What a run proves; validity first. Pure: the same run gives the same judgement, byte for byte. */
export function judge(run: Run): Judgement {
  const m = measure(run);
  const rows = evaluateThresholds(m);
  const evidence = evidenceOf(m);
  const change = versionChange(m);
  const causes = causesOf(m, evidence, change);
  const found = findingsOf(m, evidence, change);
  const doubts = [
    ...[...causes.faults, ...found.faults].map((reason) => ({ kind: 'fault' as const, reason })),
    ...doubtsOf(m, evidence, change, rows),
  ];
  const verdict = verdictOf(evidence, doubts);
  const release = releaseOf(m);
  const gate = gateOf(rows, doubts);
  const bound = boundOf(m);
  const changeUnknown = !run.header.version.declared && change.verified === null;
  const blastRadius = blastRadiusOf(m);
  const facts: Facts = { verdict, gate, release, evidence, doubts, rows, bound, changeUnknown, blastRadius };
  const harnessReasons = doubts.filter(isAboutHarness).map(({ reason }) => reason);
  return {
    verdict,
    release,
    gate,
    exitCode: exitCodeOf({ verdict, gate, release, decisions: run.decisions, doubts }),
    reasons: reasonsOf(m, facts),
    headline: headlineOf(m, facts),
    bound,
    thresholds: rows.map(({ result }) => result),
    findings: [...causes.findings, ...found.findings],
    detectability: detectabilityOf(m),
    latencyIntervals: latencyIntervalsOf(m),
    reconciliation: reconcile(m),
    locks: locksOf(m),
    advice: adviceOf(m),
    oldChecks: oldChecksOf(m, evidence, change),
    versionTimeline: versionTimelineOf(m, change),
    cause: causes.findings[0] ?? null,
    healthy: harnessReasons.length === 0,
    harnessReasons,
    servesNow: run.end?.servesNow ?? null,
    changeVerified: change.verified,
    blastRadius,
    deployedAt: deployedAtOf(run),
  };
}
