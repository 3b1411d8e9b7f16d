import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

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
    must(v.commonEnd.share > 0.6 && v.lost > 0.6, 'what was under way ended in one moment', 1),
    sign(
      v.processes.appEnded === null ? null : v.processes.appEnded.length > 0,
      2,
      'a process of the app ended at that time',
    ),
    sign(
      [5, 10, 15, 20, 30, 60, 90].some((grace) => Math.abs(v.intoStepMs - grace * 1000) < 700),
      1,
      'after a usual grace period',
    ),
    sign(v.output(/kill|SIGKILL|timed? ?out/i).length > 0, 1, 'the step says that it killed', 0),
  ],
};
