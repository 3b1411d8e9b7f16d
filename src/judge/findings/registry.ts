import { messageOf } from '../../model/errors.js';
import type { Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';
import { baselineStalls } from './baseline-stalls.js';
import { blockedAnswers } from './blocked-answers.js';
import { cachedAnswers } from './cached-answers.js';
import { controlFailing } from './control-failing.js';
import { failingStep } from './failing-step.js';
import { idleClosed } from './idle-closed.js';
import { oldVersionAfterHold } from './old-version-after-hold.js';
import { preExistingFailures } from './pre-existing-failures.js';
import { probeBreach } from './probe-breach.js';
import { probeRisk } from './probe-risk.js';
import { retryableLosses } from './retryable-losses.js';
import type { Rule } from './rule.js';
import { stalledStep } from './stalled-step.js';
import { twinComparison } from './twin-comparison.js';
import { versionNotVerified } from './version-not-verified.js';

/** In the order of the report; one file a rule, one line here. */
export const RULES: readonly Rule[] = [
  failingStep,
  stalledStep,
  probeBreach,
  twinComparison,
  controlFailing,
  blockedAnswers,
  cachedAnswers,
  preExistingFailures,
  idleClosed,
  probeRisk,
  retryableLosses,
  oldVersionAfterHold,
  baselineStalls,
  versionNotVerified,
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
