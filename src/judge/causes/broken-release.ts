import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const brokenRelease: Cause = {
  name: 'broken-release',
  mode: 21,
  claim: 'The new release does not start, and the old one was gone by then.',
  signature: 'Resets, then refused connections or 502 that do not end until the old release is back.',
  because: 'The reload replaces workers whether or not the new code can boot; a master whose workers all fail ends.',
  remedy: 'Try the release before it takes over: import it, start it beside the old one, ask it.',
  fixes: {
    gunicorn: 'gunicorn: `gunicorn --check-config app:app` with the new code first; USR2 in place of HUP.',
    pm2: 'PM2: start the new release under another name and ask it, before `pm2 reload`.',
    nginx: 'nginx: `nginx -t` before every reload.',
  },
  references: [],
  signs: (v) => [
    must(v.share('refused', 'reset', 'closed', 'timeout') + v.gateway > 0.8, 'refused, or 502 of the proxy'),
    must(v.untilUndone || !v.recovered, 'until the release was undone', 3),
    sign(v.hardMs >= 500, 2, 'nothing succeeded'),
    sign(!v.versionsOk.some((version) => !v.versionsBefore.includes(version)), 1, 'the new version never answered'),
    sign(
      v.processes.appThroughout === null ? null : !v.processes.appThroughout,
      3,
      'no process of the app lived all the time',
    ),
    sign(v.role === 'release', 1, 'in the release', 4),
    sign(
      v.lines(/failed to boot|failed to load|Error:|Exception/i).length > 0 ? true : null,
      2,
      'the log says that it failed to boot',
    ),
  ],
};
