import { messageOf } from '../../model/errors.js';
import type { Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';
import { diagnose, diagnoseRisks } from './diagnose.js';
import { runCauseOf } from './run-causes.js';

/**
 * What most likely caused what users met, in the order of the run; where they met nothing, why the run proves nothing;
 * then what could have harmed them. A cause that throws is a fault of zdd-verify: the run must not pass.
 */
export function causesOf(
  m: Measure,
  evidence: Evidence,
  change: VersionChange,
): { findings: Finding[]; faults: string[] } {
  try {
    const causes = diagnose(m, evidence, change);
    const ofRun = causes.length === 0 ? runCauseOf(m, evidence, change) : null;
    return {
      findings: [...causes, ...(ofRun === null ? [] : [ofRun]), ...diagnoseRisks(m, evidence, change)],
      faults: [],
    };
  } catch (error) {
    return { findings: [], faults: [`the diagnosis failed: ${messageOf(error)}`] };
  }
}
