import type { ReleaseState } from '../model/event.js';
import type { StepKind } from '../model/phase.js';
import type { Phase, Run } from '../model/run.js';
import type { Measure } from './measure.js';

/**
 * What became of the deploy. A run that was cut left its release wherever it was: as whoever made it says, else aborted,
 * if a step had begun.
 */
export function releaseOf({ run, whole }: Measure): ReleaseState {
  if (run.end !== null) return run.end.release;
  if (whole.phases.length === 0) return 'not-started';
  return run.decisions.findLast(({ stated }) => stated !== undefined)?.stated ?? 'aborted';
}

/** `release failed, rolled back`; a signal is no failure. */
export function releaseSentence({ decisions }: Run, release: ReleaseState): string {
  const sentence = SENTENCE[release];
  return decisions[0]?.cause === 'signal' ? sentence.replace('release failed,', 'release interrupted,') : sentence;
}

const SENTENCE: Record<ReleaseState, string> = {
  completed: 'release completed',
  'rolled-back': 'release failed, rolled back',
  'rollback-failed': 'release failed, and the rollback failed: act by hand',
  aborted: 'release aborted',
  'not-started': 'release not started',
};

/** Planned steps that have no phase though the release is said to be completed. */
export function stepsLeftOut({ header, phases, end }: Run): string[] {
  if (end?.release !== 'completed') return [];
  const seen = new Set(phases.map(({ name }) => name));
  const steps = header.steps.filter(({ kind }) => kind !== 'setup' && kind !== 'teardown').map(({ name }) => name);
  const rehearsed = header.rehearsal === 'none' ? [] : header.rollback.map(({ name }) => name);
  return [...steps, ...rehearsed].filter((name) => !seen.has(name));
}

const DEPLOYS: readonly StepKind[] = ['switch', 'reload', 'custom'];

/** When the last step of the release that moves traffic was ready, ms of the run; null where one of them was not. */
export function deployedAtOf({ header, phases }: Run): number | null {
  const planned = header.steps.filter(({ kind }) => DEPLOYS.includes(kind)).map(({ name }) => name);
  const deployed = phases.filter(({ name, role }) => role === 'release' && planned.includes(name));
  const done = deployed.filter(({ outcome }) => outcome === 'ok');
  const last = done.at(-1);
  return last === undefined || done.length < planned.length ? null : readyAtOf(last);
}

/** Without a gate a step is ready when its command has ended. */
function readyAtOf({ readyAt, commandMs, startAt }: Phase): number {
  return readyAt ?? startAt + (commandMs ?? 0);
}
