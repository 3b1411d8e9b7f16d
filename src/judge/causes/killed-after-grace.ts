import type { Cause } from './cause.js';
import { must, sign } from './sign.js';
import type { View } from './view.js';

/** What supervisors and scripts wait before they kill, s. */
const GRACES = [5, 10, 15, 20, 30, 60, 90];
/** The stop is asked for a moment after its step, or the new process, began. */
const ASKED_MS = 700;
const EARLY_MS = 50;
/** A process that begins as late as this may be what follows the kill. */
const SETTLED_MS = 1000;
const KILLED = /\bkill(?:ed|ing)\b|SIGKILL|timed? ?out/i;

export const killedAfterGrace: Cause = {
  name: 'killed-after-grace',
  mode: 9,
  claim: 'The old process did not end in its grace period and was killed, with what it still held.',
  signature: 'The step takes the whole grace period (10, 30, ...s), then what is left is reset in one moment.',
  because: '`server.close()` waits for every connection, idle ones too; the supervisor does not wait for ever.',
  remedy: 'Close idle connections when the stop begins, and let the grace period be longer than the longest request.',
  fixes: {
    node: 'Node: `server.close(); server.closeIdleConnections()`.',
    systemd: 'systemd: `TimeoutStopSec=` above the longest request.',
    pm2: 'PM2: `kill_timeout: 30000`.',
    docker: 'Docker: `stop_grace_period: 30s`.',
  },
  references: [],
  signs: (v) => [
    must(v.intoStepMs >= 4500, 'it began seconds after the step did', 1),
    must(v.commonEnd.share > 0.6 && v.lost + v.gateway > 0.6, 'what was under way ended in one moment', 1),
    sign(
      v.processes.appEnded === null ? null : v.processes.appEnded.length > 0,
      2,
      'a process of the app ended at that time',
    ),
    sign(v.commonEnd.sentSpreadMs > 40, 2, 'they were sent over a longer time'),
    sign(v.hardMs < 150, 2, 'other requests succeeded meanwhile'),
    sign(v.faults('inflight') > 0 ? true : null, 3, 'long requests in flight were lost'),
    sign(isAfterGrace(v), 2, 'after a usual grace period', 1),
    sign(v.output(KILLED).length > 0, 2, 'the step says that it killed', 0),
    sign(v.lines(KILLED).length > 0 ? true : null, 2, 'a log says that it was killed'),
  ],
};

/** Counted from the last thing that was seen to happen before it: the step began, or a process of the app. */
function isAfterGrace({ incident, phase, processes }: View): boolean {
  const began = (processes.appBegan ?? []).map(({ startedAt }) => startedAt);
  const since = Math.max(phase.startAt, ...began.filter((at) => at < incident.from - SETTLED_MS));
  const waited = incident.from - since;
  return GRACES.some((grace) => waited >= grace * 1000 - EARLY_MS && waited < grace * 1000 + ASKED_MS);
}
