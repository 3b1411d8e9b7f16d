import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const pm2NoDrain: Cause = {
  name: 'pm2-no-drain',
  mode: 18,
  claim: 'Workers of PM2 ended at once on SIGINT: what they had accepted was reset, or hangs.',
  signature:
    'One to three resets at a reload, and a connection that was accepted and never answered, up to the timeout.',
  because: 'In cluster mode the master has handed the connection over; the worker that should answer is gone.',
  remedy: 'Handle SIGINT: stop accepting, finish what is under way, then exit.',
  fixes: { pm2: "PM2: `process.on('SIGINT', () => server.close(() => process.exit(0)))` and `kill_timeout: 30000`." },
  references: ['https://github.com/Unitech/pm2/issues/2729'],
  signs: (v) => [
    must(v.systems.has('pm2'), 'PM2 runs the app', 1),
    must(v.share('reset', 'closed', 'truncated', 'timeout') > 0.8, 'requests were cut or never answered', 1),
    sign(v.hangsInStep, 5, 'some were accepted and never answered', 2),
    sign(v.failed <= 40, 1, 'a few'),
    sign(v.hardMs < 500, 1, 'while others succeeded'),
    sign(v.kind === 'reload' || v.kind === 'rollback', 1, 'in a reload', 0),
  ],
};
