import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const coldStart: Cause = {
  name: 'cold-start',
  mode: 32,
  claim: 'The new release was slow at first: caches, pools and just-in-time code were cold.',
  signature: 'Latency rises as the new version appears, for its share of the traffic, and falls again within seconds.',
  because: 'It took traffic before it had done its first work.',
  remedy: 'Warm it up before it is ready: connections, caches, the routes that matter; raise its share slowly.',
  fixes: { haproxy: 'HAProxy: `slowstart 30s` on the server line.' },
  references: [],
  signs: (v) => [
    must(v.incident.stalls.length > 0, 'requests waited', 0),
    must(
      v.versionsOk.some((version) => !v.versionsBefore.includes(version)),
      'the new version had begun to answer',
      1,
    ),
    sign(v.okShare !== null && v.okShare > 0.95, 1, 'without errors'),
    sign(v.kind === 'switch' || v.kind === 'reload' || v.kind === 'custom', 1, 'as the traffic moved'),
    sign(v.newServedBefore ? null : true, 1, 'with its first answers'),
    sign(v.processes.appUntouched === true ? true : null, 3, 'nothing was booting: no process was replaced'),
    sign(v.flowsWaitingAlone ? false : null, 1, 'all flows alike'),
  ],
};
