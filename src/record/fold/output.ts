import type { OutputEvent } from '../../model/event.js';
import type { Run } from '../../model/run.js';
import { obtain } from './keyed.js';

/** Lines kept of each step: its last ones, where the reason of a failure stands. */
const LINES_KEPT = 500;

export interface OutputLog {
  event(e: OutputEvent): void;
  lines(): Run['output'];
  dropped(): number;
}

/** What the steps printed, the last lines of each; a step that floods cannot push out another's. */
export function createOutputLog(): OutputLog {
  const bySteps = new Map<string, Run['output']>();
  let dropped = 0;
  return {
    event({ at, step, line }) {
      const lines = obtain(bySteps, step, (): Run['output'] => []);
      lines.push({ at, step, line });
      if (lines.length >= 2 * LINES_KEPT) dropped += lines.splice(0, LINES_KEPT).length;
    },
    lines: () => [...bySteps.values()].flatMap((lines) => lines.slice(-LINES_KEPT)).sort((a, b) => a.at - b.at),
    dropped: () => [...bySteps.values()].reduce((sum, lines) => sum + Math.max(0, lines.length - LINES_KEPT), dropped),
  };
}
