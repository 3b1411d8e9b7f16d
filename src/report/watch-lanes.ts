import type { Run } from '../model/run.js';
import type { WatchedSeries, WatchRun } from '../model/watch.js';
import { platformActText, valueText } from './watch.js';

/** Lanes that are drawn; the table has all. */
const LANES = 24;
const PROCESS_ROWS = 48;
const MARKS = 400;

/** What a stretch of a lane stands for: `state` is one of several, told apart by `index`. */
export type Tone = 'good' | 'bad' | 'old' | 'new' | 'main' | 'state';

/** One row of the drawing of what was watched, free of any drawing. Times in ms of the run. */
export interface Lane {
  label: string;
  /** Rows of stretches that lie below each other: a state has one, processes have one each. */
  rows: { from: number; to: number; text: string; tone: Tone; index: number }[][];
  /** Lines of a log, incidents. */
  marks: { at: number; text: string; tone: 'note' | 'bad' }[];
  /** A measured value as shares of its highest. */
  line: { at: number; share: number }[];
  blind: { from: number; to: number; text: string }[];
}

/** Lanes of the time axis, in the order of the scenario; `more` of them are left to the table. */
export function watchLanes(run: Run): { lanes: Lane[]; more: number } {
  const all = run.watchers.flatMap((watch) => lanesOf(watch, timesOf(run)));
  return { lanes: all.slice(0, LANES), more: Math.max(0, all.length - LANES) };
}

/** Watchers begin with the traffic and end with it; `oldUntil` is when the release began. */
interface Times {
  beganAt: number;
  oldUntil: number;
  endAt: number;
}

function timesOf({ phases, durationMs }: Run): Times {
  const judged = phases.filter((phase) => phase.judged);
  return {
    beganAt: phases.find(({ kind }) => kind === 'warmup')?.startAt ?? judged[0]?.startAt ?? 0,
    oldUntil: judged.find(({ kind }) => kind !== 'baseline')?.startAt ?? durationMs,
    endAt: judged.at(-1)?.endAt ?? durationMs,
  };
}

function lanesOf(watch: WatchRun, times: Times): Lane[] {
  const { beganAt, endAt } = times;
  const base: Lane = {
    label: watch.name,
    rows: [],
    marks: marksOf(watch, () => true),
    line: [],
    blind: watch.blind
      .map(({ from, to, detail }) => ({ from: Math.max(beganAt, from), to: to ?? endAt, text: detail }))
      .filter(({ from, to }) => to > from),
  };
  if (watch.kind === 'processes') {
    const more = watch.processes.length - PROCESS_ROWS;
    const label = more > 0 ? `${watch.name}, the first ${PROCESS_ROWS} of ${watch.processes.length}` : watch.name;
    return [{ ...base, label, rows: processRows(watch, times) }];
  }
  if (watch.kind === 'log' || watch.kind === 'journal')
    return [{ ...base, marks: [...base.marks, ...lineMarks(watch)] }];
  const subjects = [...new Set(watch.states.map(({ subject }) => subject))];
  const states = subjects.map((subject) => ({
    ...base,
    // What happened to another one that has a lane is shown there.
    marks: marksOf(watch, (of) => of === subject || !subjects.includes(of)),
    label: subjects.length === 1 ? watch.name : subject,
    rows: [stateRow(watch, subject, endAt)],
  }));
  const values = watch.values.filter(isWorthDrawing).map((series) => {
    const most = Math.max(...series.points.map(({ max }) => max));
    return {
      ...base,
      label: `${watch.name === series.subject ? '' : `${watch.name}: `}${series.subject}, up to ${valueText(most, series.unit)}`,
      line: series.points.map(({ at, last }) => ({ at, share: most > 0 ? Math.max(0, last / most) : 0 })),
    };
  });
  return states.length + values.length === 0 ? [base] : [...states, ...values];
}

function marksOf({ incidents, platformActs }: WatchRun, isShown: (subject: string) => boolean): Lane['marks'] {
  const marks = [
    ...incidents.map(({ at, subject, detail }) => ({ at, subject, text: detail, tone: 'bad' as const })),
    ...platformActs.map((act) => ({
      ...{ at: act.at, subject: act.subject, text: platformActText(act) },
      tone: act.byItself === false ? ('note' as const) : ('bad' as const),
    })),
  ].filter(({ subject }) => isShown(subject));
  return marks.slice(0, MARKS).map(({ at, text, tone }) => ({ at, text, tone }));
}

/** A line at zero says nothing that the table does not say. */
function isWorthDrawing({ subject, points }: WatchedSeries): boolean {
  return !['waiting', 'blocked_ms'].includes(subject) || points.some(({ max }) => max > 0);
}

/** The oldest first; the time in which old and new overlap is what is to be seen. */
function processRows({ processes }: WatchRun, { oldUntil, endAt }: Times): Lane['rows'] {
  const sorted = processes.toSorted((a, b) => a.startedAt - b.startedAt);
  return sorted.slice(0, PROCESS_ROWS).map(({ pid, command, startedAt, endedAt, main }) => [
    {
      from: Math.max(0, startedAt),
      to: endedAt ?? endAt,
      text: `process ${pid}: ${command}`,
      tone: main ? 'main' : startedAt < oldUntil ? 'old' : 'new',
      index: 0,
    },
  ]);
}

const BAD = /^(?:DOWN|failed|inactive|rejected|dead|restarting|paused|rollback_paused)\b|^exited \((?!0\))|unhealthy/;
const GOOD = /^(?:listening$|UP\b|active\b|no check$|running(?: \(healthy\))?$)/;

function stateRow({ states }: WatchRun, subject: string, endAt: number): Lane['rows'][number] {
  const own = states.filter((state) => state.subject === subject);
  const names = [...new Set(own.map(({ value }) => value))];
  return own.map(({ at, value }, position) => ({
    from: at,
    to: own[position + 1]?.at ?? endAt,
    text: value ?? 'not there',
    tone: value === null || BAD.test(value) ? 'bad' : GOOD.test(value) ? 'good' : 'state',
    index: names.indexOf(value),
  }));
}

function lineMarks({ lines, requestErrors }: WatchRun): Lane['marks'] {
  return lines.slice(0, MARKS).map(({ at, pattern, text }) => ({
    at,
    text: `${pattern}: ${text}`,
    tone: requestErrors.includes(pattern) ? 'bad' : 'note',
  }));
}
