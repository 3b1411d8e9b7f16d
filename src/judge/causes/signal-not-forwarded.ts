import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

const WRAPPER = /^(?:\S*\/)?(?:npm|yarn|pnpm|npx|sh|bash|dash)\b|^npm /;

export const signalNotForwarded: Cause = {
  name: 'signal-not-forwarded',
  mode: 10,
  claim:
    'The first process of the app is a shell or npm: the app itself never heard that it should end, and died with what it was answering.',
  signature:
    'In-flight requests are cut at the stop, or after exactly 10 s, although the app has a handler for SIGTERM.',
  because: 'npm and shells end on SIGTERM without waiting for their child, or do not pass it on.',
  remedy: 'Start the app itself, or an init that passes signals on.',
  fixes: {
    node: 'Node: `node server.js` in place of `npm start`; in a shell `exec node server.js`.',
    docker: 'Docker: `CMD ["node", "server.js"]`, or `init: true`.',
  },
  references: [],
  signs: (v) => [
    must(
      v.processes.appCommands.some((command) => WRAPPER.test(command)),
      'a watched process of the app is npm or a shell',
      6,
    ),
    must(
      v.failed + v.faults('inflight') + v.faults('upload') > 0 && v.incident.stalls.length === 0,
      'requests were cut',
      0,
    ),
    sign(v.commonEnd.share > 0.4, 1, 'they share one end'),
    sign(v.faults('inflight') > 0 ? true : null, 3, 'long requests in flight were lost'),
    sign(
      v.processes.appEnded === null ? null : v.processes.appEnded.length > 0,
      2,
      'processes of the app ended at that time',
    ),
  ],
};
