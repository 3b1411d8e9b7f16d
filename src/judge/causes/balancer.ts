import type { Run } from '../../model/run.js';
import { stateAt } from '../watch.js';
import type { Incident } from './incident.js';

/** What a watched HAProxy said of its servers just after an incident began; null where none is watched. */
export interface BalancerView {
  /** Every server was taken out by hand, or had a weight of 0. */
  allOut: boolean;
  /** Servers that it counted as down. */
  down: string[];
  servers: number;
}

/** HAProxy is asked every 500 ms: a state may be known that much later. */
const SEEN_MS = 700;
const WEIGHT = ' weight';

export function balancerOf({ watchers }: Run, { from, to }: Incident): BalancerView | null {
  const watch = watchers.find(({ kind, states }) => kind === 'haproxy' && states.length > 0);
  if (watch === undefined) return null;
  const states = watch.states.filter(({ subject }) => !subject.endsWith(WEIGHT));
  const subjects = [...new Set(states.map(({ subject }) => subject))];
  const at = Math.max(from + SEEN_MS, Math.min(to, from + 2 * SEEN_MS));
  const isOut = (subject: string) =>
    /MAINT|DRAIN/i.test(stateAt(watch, subject, at) ?? '') || stateAt(watch, subject + WEIGHT, at) === '0';
  const down = subjects.filter((subject) =>
    states.some(
      (state) =>
        state.subject === subject &&
        state.at >= from - SEEN_MS &&
        state.at <= to + SEEN_MS &&
        /DOWN/i.test(state.value ?? ''),
    ),
  );
  return {
    allOut: subjects.length > 0 && subjects.every(isOut),
    down,
    servers: subjects.length,
  };
}
