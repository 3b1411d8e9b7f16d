import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const staleUpstream: Cause = {
  name: 'stale-upstream',
  mode: 14,
  claim: 'The app moved, and the proxy kept asking at its old address.',
  signature:
    '502 on everything from the end of the old instance on, beyond the step, until the proxy reloads or the old address answers again.',
  because: 'The proxy reads an address, or resolves a name, once; nobody told it to look again.',
  remedy: 'Reload the proxy after the address changed and before the old instance ends; check it through the proxy.',
  fixes: {
    nginx: 'nginx: `nginx -t && nginx -s reload`; for names `resolver ... valid=5s;` and a variable in `proxy_pass`.',
  },
  references: ['https://github.com/langgenius/dify/issues/40808'],
  signs: (v) => [
    must(v.gateway > 0.8, 'the proxy answered 502'),
    must(v.hardMs >= 500, 'nothing succeeded', 2),
    sign(v.outlastsStep || v.untilUndone, 2, 'it outlasts the step'),
    sign(v.processes.appThroughout, 3, 'while a process of the app lived, elsewhere'),
    sign(v.processes.appUntouched === null ? null : !v.processes.appUntouched, 2, 'an old process was ending'),
    sign(v.processes.proxyReplaced === null ? null : !v.processes.proxyReplaced, 1, 'the proxy did not reload'),
    sign(v.lines(/no live upstreams|is DOWN/i).length > 0 ? false : null, 2, 'no word of `max_fails` or checks'),
  ],
};
