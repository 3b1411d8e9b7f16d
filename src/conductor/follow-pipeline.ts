import { existsSync } from 'node:fs';
import type { ReleaseState } from '../model/event.js';
import type { StepKind } from '../model/phase.js';
import { every } from '../platform/clock.js';
import type { RunContext } from './context.js';
import { decide } from './decide.js';
import { Halted } from './halt.js';
import { leaveOutMarks, markedPhase } from './live-marks.js';
import { beginPhase } from './phase.js';
import { runBaseline } from './release.js';
import { readStop, type StatedRelease, type StopRequest } from './started-run.js';

/** A release that others make, step by step, while this process records. */
export interface Pipeline {
  /**
   * Whether whoever started the run has gone on, so that no exit code of this process reaches anybody: what ends it
   * from outside is then on record as that, and not as a signal.
   */
  readonly alone: boolean;
  /** Tells them that the baseline holds; resolves once they go on with their release. */
  baselineHolds(): Promise<void>;
}

/** The phase from the baseline to the first mark. */
const FIRST = { name: 'deploy', kind: 'custom' } as const;
const LOOK_EVERY_MS = 50;
const STOPPED_EARLY = '`zdd-verify stop` was called before the baseline was over';

/**
 * The release of a pipeline beside the traffic: the baseline, then a phase from each mark to the next one, until
 * `zdd-verify stop` asks for the end, and its hold. Resolves with what the pipeline says became of its release.
 */
export async function followPipeline(context: RunContext, pipeline: Pipeline): Promise<ReleaseState> {
  const { clock, halt, recorder, dir } = context;
  const stopWatching = every(LOOK_EVERY_MS, () => {
    if (readStop(dir) !== null) halt.request({ cause: 'request', detail: STOPPED_EARLY });
  });
  let phases: Phases | null = null;
  try {
    if (!(await runBaseline(context))) return 'not-started';
    await unlessAborted(pipeline.baselineHolds(), halt.signal);
    stopWatching();
    leaveOutMarks(context);
    note(context, 'the baseline holds; phases are what `zdd-verify mark` says, until `zdd-verify stop`');
    noteLimits(context);
    phases = followPhases(context);
    const request = await untilStop(context, phases);
    phases.settle(clock.now(), request.release !== 'rollback-failed');
    context.onProgress('hold');
    recorder.event({ type: 'hold-started', at: clock.now(), forMs: request.holdMs });
    await clock.sleep(request.holdMs, halt.signal);
    return conclude(context, phases.current, request);
  } catch (error) {
    if (!(error instanceof Halted) || halt.reason === null) throw error;
    decide(context, halt.reason.cause, 'abort', halt.reason.detail);
    return phases === null ? 'not-started' : 'aborted';
  } finally {
    stopWatching();
  }
}

/** Takes the marks as they come until the pipeline asks for the end; all that came before it are taken. */
async function untilStop(context: RunContext, phases: Phases): Promise<StopRequest> {
  const { clock, halt, dir } = context;
  context.onProgress('until `zdd-verify stop`');
  for (;;) {
    const request = readStop(dir);
    for (const mark of context.readMarks()) phases.begin(markedPhase(context, mark));
    if (request !== null) return request;
    if (!existsSync(dir)) halt.request({ cause: 'harness', detail: 'the run directory is gone' });
    await clock.sleep(LOOK_EVERY_MS, halt.signal);
  }
}

interface Phases {
  current: { name: string; kind: StepKind };
  begin(phase: { at: number; name: string; kind: StepKind }): void;
  /** The pipeline has done what it did in the current phase. */
  settle(at: number, ready: boolean): void;
}

/** A rollback lasts from its mark to the next one, or to the end: that is its time to ready. */
function followPhases(context: RunContext): Phases {
  const { recorder, clock } = context;
  const begin = (at: number, { name, kind }: Phases['current']): void => {
    phases.current = { name, kind };
    beginPhase(context, { at, name, kind, role: 'release' });
    context.onStep = name;
    if (kind === 'rollback')
      recorder.event({
        type: 'readiness-started',
        at,
        checks: [],
        consecutive: 1,
        withinMs: context.scenario.maxDurationMs,
      });
  };
  const settle = (at: number, ready: boolean): void => {
    if (phases.current.kind !== 'rollback') return;
    recorder.event({ type: 'readiness-ended', at, ready, detail: ready ? '' : 'the pipeline says that it failed' });
  };
  const phases: Phases = {
    current: FIRST,
    settle,
    begin: ({ at, ...phase }) => {
      settle(at, true);
      begin(at, phase);
    },
  };
  begin(clock.now(), FIRST);
  return phases;
}

const STATED: Record<Exclude<StatedRelease, 'completed'>, { state: ReleaseState; detail: string }> = {
  failed: { state: 'aborted', detail: 'the pipeline says that its release failed' },
  'rolled-back': { state: 'rolled-back', detail: 'the pipeline says that its release failed and was rolled back' },
  'rollback-failed': {
    state: 'rollback-failed',
    detail: 'the pipeline says that its release failed, and its rollback too',
  },
};

/** What is said counts. Where nothing is said the phases do: one that ends in a rollback was undone. */
function conclude(context: RunContext, current: Phases['current'], { release }: StopRequest): ReleaseState {
  const { recorder, clock } = context;
  const stated = release ?? (current.kind === 'rollback' ? 'rolled-back' : 'completed');
  const isDone = stated === 'completed' || (stated === 'rolled-back' && current.kind === 'rollback');
  const detail = stated === 'completed' ? '' : STATED[stated].detail;
  const end = isDone ? { outcome: 'ok' as const, detail: '' } : { outcome: 'failed' as const, detail };
  recorder.event({ type: 'step-ended', at: clock.now(), name: current.name, ...end });
  if (stated === 'completed') return 'completed';
  const { state } = STATED[stated];
  decide(context, 'command', state === 'rolled-back' ? 'rollback' : 'abort', detail);
  return state;
}

/** What the scenario asks for and a recorder cannot do. */
function noteLimits(context: RunContext): void {
  if (!context.scenario.thresholds.some(({ abortOnFail }) => abortOnFail)) return;
  note(context, 'abortOnFail ends no release of a pipeline: what it names is judged at the end');
}

function note({ recorder, clock }: RunContext, text: string): void {
  recorder.event({ type: 'note', at: clock.now(), text });
}

/** What `work` resolves with; rejects as soon as `signal` is aborted. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}
