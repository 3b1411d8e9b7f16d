import { EXIT_MEANING, type ExitCode } from '../model/exit-codes.js';
import { MOVES_TRAFFIC } from '../model/phase.js';
import type { Run } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import { clip } from './text.js';

type Release = Judgement['release'];

const TEXT: Record<Release, string> = {
  completed: 'completed',
  'rolled-back': 'failed, rolled back',
  'rollback-failed': 'failed, and the rollback failed',
  aborted: 'aborted',
  'not-started': 'not started',
};

const INTERRUPTED: Record<Release, string> = {
  completed: 'completed',
  'rolled-back': 'interrupted, rolled back',
  'rollback-failed': 'interrupted, and the rollback failed',
  aborted: 'interrupted, not rolled back',
  'not-started': 'not started',
};

/** What became of the release: `completed`, `interrupted, rolled back`. */
export function releaseText(run: Run, { release }: Judgement): string {
  if (release === 'completed' && endsOnOld(run)) return 'completed, then rolled back as a rehearsal';
  const first = run.decisions.find(({ cause, action }) => cause === 'signal' || action !== 'continue');
  const isInterrupted = first?.cause === 'signal';
  if (release === 'aborted' && isCutInWayBack(run)) {
    return `${isInterrupted ? 'interrupted' : 'aborted'}, the record ends in its rollback`;
  }
  return isInterrupted ? INTERRUPTED[release] : TEXT[release];
}

/** The gate speaks of thresholds: a pass does not mean that there was a release. */
export function gateText({ gate, release }: Judgement): string {
  return gate === 'pass' && release !== 'completed' ? `pass (thresholds only; ${GATE_RELEASE[release]})` : gate;
}

const GATE_RELEASE: Record<Exclude<Release, 'completed'>, string> = {
  'rolled-back': 'the release was rolled back',
  'rollback-failed': 'the rollback failed',
  aborted: 'the release was aborted',
  'not-started': 'there was no release',
};

/** What the exit code means in this run: also what was undone of the release, and what was not. */
export function exitText(run: Run, { exitCode, release }: Judgement): string {
  if (SAYS_ALL.includes(exitCode)) {
    return exitCode === 0 && endsOnOld(run)
      ? 'the gate passes; the release and its rehearsed rollback are done'
      : EXIT_MEANING[exitCode];
  }
  const meaning = meaningOf(run, exitCode);
  const isOfRelease = meaning !== EXIT_MEANING[exitCode];
  return release === 'completed' && !isOfRelease ? meaning : `${meaning}; ${undoneText(run, release)}`;
}

const SAYS_ALL: readonly ExitCode[] = [0, 2, 94, 95];

function meaningOf({ decisions }: Run, exitCode: ExitCode): string {
  if (exitCode === 96) return 'readiness timed out';
  if (exitCode === 97) return "a step's command failed or timed out";
  if (exitCode === 130) return 'interrupted (SIGINT)';
  if (exitCode === 143) return `terminated (${decisions.find(({ cause }) => cause === 'signal')?.signal ?? 'SIGTERM'})`;
  return EXIT_MEANING[exitCode];
}

function undoneText(run: Run, release: Release): string {
  if (release === 'completed') return 'the release is done';
  if (release === 'rolled-back') return 'rolled back';
  if (release === 'rollback-failed') return 'the rollback failed';
  return release === 'not-started' ? 'no step of the release was run' : leftText(run);
}

/** Why what the steps of an aborted release did was not undone. */
function leftText(run: Run): string {
  const { steps, rollback } = run.header;
  if (isCutInWayBack(run)) {
    return 'its rollback had begun when the record ends: see whether it came to its end';
  }
  if (steps.length === 0) return 'nothing was rolled back: the release is made by others';
  const stays = `what ${doneBy(run)} did stays`;
  if (rollback.length === 0) return `no rollback is defined: ${stays}; undo it by hand`;
  if (run.end === null) return `the record ends before a rollback: ${stays}`;
  const moved = begunSteps(run).some(({ kind }) => MOVES_TRAFFIC.includes(kind));
  return moved
    ? `not rolled back, as the step says (onFail: abort): ${stays}`
    : `nothing to roll back: no step that moves traffic had begun; ${stays}`;
}

function begunSteps({ header, phases }: Run): Run['header']['steps'] {
  return header.steps.filter(({ name }) => phases.some((phase) => phase.role === 'release' && phase.name === name));
}

/** The steps that were begun; without a scenario the command itself. */
function doneBy(run: Run): string {
  const names = begunSteps(run).map(({ name }) => name);
  const command = run.phases.find((phase) => phase.name === names[0])?.command ?? null;
  return clip(run.header.scenario.file === null && command !== null ? command : names.join(' and '), 200);
}

/** A release whose rehearsed rollback was the last that was done: the old release is live. Null for any other. */
export function rehearsalText(run: Run, { release, servesNow }: Judgement): string | null {
  if (release !== 'completed' || !endsOnOld(run)) return null;
  const { version, scenario } = run.header;
  const before = run.phases.findIndex(({ kind }) => kind === 'baseline');
  const isOld = run.cells.some((cell) => cell.phase === before && cell.version === servesNow);
  if (servesNow !== null && !isOld) return `The rehearsed rollback was last, but the target serves ${servesNow}.`;
  const live =
    servesNow === null || !version.changes
      ? "the old release is live, as far as the rollback's success tells"
      : `the old release (${servesNow}) is live`;
  const option = scenario.file === null ? '--rehearsal rollback-forward' : 'rehearsal: rollback-forward';
  return `The rehearsed rollback was last: ${live}. To end on the new one: ${option}`;
}

function endsOnOld({ header, phases }: Run): boolean {
  return header.rehearsal === 'rollback' && phases.some(({ role }) => role === 'rehearsal');
}

function isCutInWayBack({ end, phases }: Run): boolean {
  const role = phases.at(-1)?.role;
  return end === null && (role === 'emergency' || role === 'rehearsal');
}
