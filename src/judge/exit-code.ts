import type { DecisionEvent, ReleaseState } from '../model/event.js';
import { EXIT, type ExitCode, strongestExitCode } from '../model/exit-codes.js';
import type { Gate, Verdict } from '../model/verdict.js';
import type { Doubt } from './doubt.js';

export interface Outcomes {
  verdict: Verdict;
  gate: Gate;
  release: ReleaseState;
  decisions: readonly DecisionEvent[];
  doubts: readonly Doubt[];
}

/** The one code that stands for everything that happened; 0 only where the gate passes and the release is done. */
export function exitCodeOf({ verdict, gate, release, decisions, doubts }: Outcomes): ExitCode {
  const codes: ExitCode[] = decisions.flatMap((decision) => codeOfDecision(decision, release) ?? []);
  if (release === 'rollback-failed') codes.push(EXIT.ROLLBACK_FAILED);
  if (gate === 'fail') codes.push(EXIT.THRESHOLD);
  if (doubts.some(({ kind }) => kind === 'fault')) codes.push(EXIT.FAULT);
  if (verdict === 'inconclusive' || gate === 'inconclusive' || release !== 'completed') codes.push(EXIT.INCONCLUSIVE);
  return codes.length === 0 ? EXIT.PASS : strongestExitCode(codes);
}

function codeOfDecision({ cause, action, signal }: DecisionEvent, release: ReleaseState): ExitCode | null {
  switch (cause) {
    case 'preflight':
    case 'baseline':
      return release === 'not-started' ? EXIT.PREFLIGHT : EXIT.INCONCLUSIVE;
    case 'signal':
      return signal === 'SIGINT' ? EXIT.SIGINT : EXIT.SIGTERM;
    // A step that may fail, as the scenario says, decides nothing.
    case 'command':
      return action === 'continue' ? null : EXIT.STEP_FAILED;
    case 'readiness':
      return action === 'continue' ? null : EXIT.NOT_READY;
    // A rollback that a person asked for: the release says how it went.
    case 'request':
      return null;
    // The release is what it is, but something was left behind.
    case 'teardown':
    case 'max-duration':
      return EXIT.STEP_FAILED;
    case 'threshold':
      return EXIT.THRESHOLD;
    case 'harness':
      return EXIT.FAULT;
  }
}
