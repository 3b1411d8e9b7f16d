import { messageOf } from '../../model/errors.js';
import type { Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';
import { baselineStalls } from './baseline-stalls.js';
import { blockedAnswers } from './blocked-answers.js';
import { cachedAnswers } from './cached-answers.js';
import { changeByWatchers } from './change-by-watchers.js';
import { containerHandover } from './container-handover.js';
import { controlFailing } from './control-failing.js';
import { failingStep } from './failing-step.js';
import { idleClosed } from './idle-closed.js';
import { linkAbsent } from './link-absent.js';
import { lockWaits } from './lock-waits.js';
import { logLines } from './log-lines.js';
import { neverTookOver } from './never-took-over.js';
import { newBeforeOld } from './new-before-old.js';
import { noisyBaseline } from './noisy-baseline.js';
import { notListening } from './not-listening.js';
import { oldVersionAfterHold } from './old-version-after-hold.js';
import { platformRollback } from './platform-rollback.js';
import { preExistingFailures } from './pre-existing-failures.js';
import { probeBreach } from './probe-breach.js';
import { probeRisk } from './probe-risk.js';
import { maskedErrors, proxyErrors } from './proxy-errors.js';
import { proxyRetries } from './proxy-retries.js';
import { reconciliation } from './reconciliation.js';
import { repeatedRequests, retriedUpstream } from './repeated-requests.js';
import { resourceLimit } from './resource-limit.js';
import { retryableLosses } from './retryable-losses.js';
import type { Rule } from './rule.js';
import { serverDown } from './server-down.js';
import { stalledStep } from './stalled-step.js';
import { tailNotObserved } from './tail-not-observed.js';
import { twinComparison } from './twin-comparison.js';
import { versionNotVerified } from './version-not-verified.js';
import { versionsInterleave } from './versions-interleave.js';
import { watchedIncident } from './watched-incident.js';
import { watcherBlind } from './watcher-blind.js';
import { workerGap } from './worker-gap.js';

/** In the order of the report; one file a rule, one line here. */
export const RULES: readonly Rule[] = [
  failingStep,
  stalledStep,
  probeBreach,
  proxyErrors,
  twinComparison,
  controlFailing,
  blockedAnswers,
  cachedAnswers,
  preExistingFailures,
  idleClosed,
  probeRisk,
  retryableLosses,
  maskedErrors,
  proxyRetries,
  reconciliation,
  retriedUpstream,
  repeatedRequests,
  platformRollback,
  workerGap,
  containerHandover,
  notListening,
  linkAbsent,
  serverDown,
  lockWaits,
  watchedIncident,
  resourceLimit,
  logLines,
  oldVersionAfterHold,
  versionsInterleave,
  neverTookOver,
  tailNotObserved,
  baselineStalls,
  noisyBaseline,
  newBeforeOld,
  changeByWatchers,
  versionNotVerified,
  watcherBlind,
];

/** What every rule found. A rule that throws is a fault of zdd-verify: the run must not pass. */
export function findingsOf(
  m: Measure,
  evidence: Evidence,
  change: VersionChange,
  rules: readonly Rule[] = RULES,
): { findings: Finding[]; faults: string[] } {
  const findings: Finding[] = [];
  const faults: string[] = [];
  for (const rule of rules) {
    try {
      for (const found of rule.find(m, evidence, change)) findings.push({ rule: rule.name, ...found });
    } catch (error) {
      faults.push(`the rule ${rule.name} failed: ${messageOf(error)}`);
    }
  }
  return { findings, faults };
}
