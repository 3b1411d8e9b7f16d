import type {
  CommandEvent,
  HoldEvent,
  PhaseEvent,
  ReadinessEvent,
  RunEvent,
  StepEndedEvent,
} from '../../model/event.js';
import type { HoldEndedEvent } from '../../model/release.js';
import type { Phase, Run } from '../../model/run.js';
import { toMicros } from './resolution.js';

const NOT_JUDGED: readonly string[] = ['setup', 'teardown', 'warmup'];

type AboutPhases = PhaseEvent | CommandEvent | ReadinessEvent | HoldEvent | HoldEndedEvent | StepEndedEvent;

export function isAboutPhases(e: RunEvent): e is AboutPhases {
  return ABOUT_PHASES.has(e.type);
}

const ABOUT_PHASES: ReadonlySet<string> = new Set<AboutPhases['type']>([
  'phase',
  'command-started',
  'command-ended',
  'readiness-started',
  'readiness-check',
  'readiness-ended',
  'hold-started',
  'hold-ended',
  'step-ended',
]);

export interface PhaseLog {
  readonly phases: Phase[];
  event(e: AboutPhases): void;
  /** When judging begins, the start of the first judged phase; null before. */
  judgedFrom(): number | null;
  /** Index of the judged phase that contains `at`; the last one after its end, -1 before the first. */
  at(at: number): number;
  /** Index of the first judged phase that began after `from` and not after `to`; -1 where there is none. */
  firstBegunBetween(from: number, to: number): number;
  /** Lets the last phase last until `at`. */
  lastUntil(at: number): void;
  rollbacks(): Run['rollbacks'];
}

/** The phases of a run, kept apart by index: a name may come twice. Times are ms since the run's start. */
export function createPhaseLog(): PhaseLog {
  const phases: Phase[] = [];
  const judged: number[] = [];
  let judgedFrom: number | null = null;
  const commandStartedAt = new Map<number, number>();
  const gateOpenedAt = new Map<number, number>();
  /** Phases that a mark began inside a command, and when each was over: with the next one, or with a command that succeeded. */
  const markedUntil = new Map<number, number>();
  let commandPhase = -1;
  let gatePhase = -1;
  let holdPhase = -1;

  const begin = (e: PhaseEvent) => {
    const last = phases.at(-1);
    if (last !== undefined) last.endAt = e.at;
    phases.push(emptyPhase(e));
    if (!phases.at(-1)?.judged) return;
    judged.push(phases.length - 1);
    judgedFrom ??= e.at;
  };

  const commandEnded = (e: Extract<CommandEvent, { type: 'command-ended' }>) => {
    const phase = phases[commandPhase];
    if (phase === undefined) return;
    phase.commandMs = toMicros(e.at - (commandStartedAt.get(commandPhase) ?? e.at));
    phase.exitCode = e.exitCode;
    phase.signal = e.signal;
    phase.timedOut = e.timedOut;
    for (let index = commandPhase + 1; index < phases.length; index++) {
      const until = phases[index + 1]?.startAt ?? (e.exitCode === 0 && !e.timedOut ? e.at : undefined);
      if (until !== undefined) markedUntil.set(index, until);
    }
  };

  const readinessEnded = (e: Extract<ReadinessEvent, { type: 'readiness-ended' }>) => {
    const phase = phases[gatePhase];
    if (phase === undefined || !e.ready) return;
    phase.readyAt = e.at;
    phase.readyMs = toMicros(e.at - (commandStartedAt.get(gatePhase) ?? gateOpenedAt.get(gatePhase) ?? e.at));
  };

  const holdEnded = ({ type: _, ...window }: HoldEndedEvent) => {
    const phase = phases[holdPhase];
    if (phase !== undefined) phase.window = window;
  };

  const stepEnded = (e: StepEndedEvent) => {
    const phase = phases.findLast((p) => p.name === e.name && p.outcome === null);
    if (phase === undefined) return;
    phase.outcome = e.outcome;
    phase.detail = e.detail;
  };

  return {
    phases,
    event(e) {
      const current = phases.at(-1);
      if (e.type === 'phase') begin(e);
      else if (e.type === 'step-ended') stepEnded(e);
      else if (current === undefined) return;
      else if (e.type === 'command-started') {
        // A phase may begin inside a command (a mark), so its end belongs to the phase in which it started.
        commandPhase = phases.length - 1;
        commandStartedAt.set(commandPhase, e.at);
        current.command = e.command;
      } else if (e.type === 'command-ended') commandEnded(e);
      else if (e.type === 'readiness-started') {
        gatePhase = phases.length - 1;
        gateOpenedAt.set(gatePhase, e.at);
      } else if (e.type === 'readiness-ended') readinessEnded(e);
      else if (e.type === 'hold-started') {
        holdPhase = phases.length - 1;
        current.holdAt = e.at;
      } else if (e.type === 'hold-ended') holdEnded(e);
    },
    judgedFrom: () => judgedFrom,
    at(at) {
      for (let place = judged.length - 1; place >= 0; place--) {
        const index = judged[place] as number;
        if ((phases[index] as Phase).startAt <= at) return index;
      }
      return -1;
    },
    firstBegunBetween: (from, to) => {
      const begun = ({ startAt }: Phase) => startAt > from && startAt <= to;
      return judged.find((index) => begun(phases[index] as Phase)) ?? -1;
    },
    lastUntil(at) {
      const last = phases.at(-1);
      if (last !== undefined) last.endAt = Math.max(last.startAt, at);
    },
    rollbacks: () => rollbacksOf(phases, commandStartedAt, gateOpenedAt, markedUntil),
  };
}

function emptyPhase(e: PhaseEvent): Phase {
  return {
    name: e.name,
    kind: e.kind,
    role: e.role,
    startAt: e.at,
    endAt: e.at,
    command: null,
    commandMs: null,
    readyMs: null,
    readyAt: null,
    holdAt: null,
    window: null,
    exitCode: null,
    signal: null,
    timedOut: false,
    outcome: null,
    detail: '',
    judged: !NOT_JUDGED.includes(e.kind),
    due: 0,
    sampled: 0,
  };
}

/** Adjacent phases of one way back are one rollback: from the first one's command to the last one's readiness. */
function rollbacksOf(
  phases: Phase[],
  started: Map<number, number>,
  gates: Map<number, number>,
  marked: Map<number, number>,
): Run['rollbacks'] {
  const rollbacks: Run['rollbacks'] = [];
  phases.forEach((phase, index) => {
    if (!isRollback(phase)) return;
    const previous = phases[index - 1];
    const continues = previous !== undefined && isRollback(previous) && previous.role === phase.role;
    const current = continues ? rollbacks.at(-1) : undefined;
    const first = current?.phase ?? index;
    const startAt = started.get(first) ?? (phases[first] as Phase).startAt;
    const gated = gates.has(index);
    const readyAt = backAt(phase, started.get(index), gated) ?? (gated ? null : (marked.get(index) ?? null));
    const ms = readyAt === null || (current !== undefined && current.ms === null) ? null : toMicros(readyAt - startAt);
    if (current === undefined) rollbacks.push({ phase: index, role: phase.role, ms });
    else current.ms = ms;
  });
  return rollbacks;
}

function isRollback({ kind, role }: Phase): boolean {
  return kind !== 'teardown' && (kind === 'rollback' || role === 'emergency' || role === 'rehearsal');
}

/** Without a readiness gate, a rollback is ready when its command has succeeded. */
function backAt(phase: Phase, startedAt: number | undefined, gated: boolean): number | null {
  if (phase.readyAt !== null || gated) return phase.readyAt;
  if (phase.exitCode !== 0 || phase.commandMs === null || startedAt === undefined) return null;
  return startedAt + phase.commandMs;
}
