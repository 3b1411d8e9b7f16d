import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const pm2ListenTimeout: Cause = {
  name: 'pm2-listen-timeout',
  mode: 17,
  claim:
    'PM2 gave up waiting for the new workers (`listen_timeout`) and ended the old ones before the new ones served.',
  signature: 'Seconds into the reload: resets, then refused connections until the boot is over.',
  because: 'The boot takes longer than `listen_timeout` (3 s); PM2 goes on all the same.',
  remedy: 'Let the app say when it is ready, and give it more time than the longest boot takes.',
  fixes: { pm2: "PM2: `wait_ready: true`, `listen_timeout: 15000`, and `process.send('ready')` once it listens." },
  references: ['https://github.com/Unitech/pm2/issues/3143'],
  signs: (v) => [
    must(v.systems.has('pm2'), 'PM2 runs the app', 1),
    must(v.share('refused') > 0, 'connections were refused', 1),
    sign(v.intoStepMs > 1500, 3, 'seconds after the reload began'),
    sign(v.hardMs >= 300, 1, 'nothing succeeded in that time'),
    sign(v.recovered && !v.untilUndone, 2, 'it was over when the new workers had booted'),
    sign(
      v.processes.appGone === null ? null : !v.processes.appGone,
      3,
      'the new workers had been started before the old ones ended',
    ),
    sign(v.kind === 'reload', 1, 'in a reload', 0),
  ],
};
