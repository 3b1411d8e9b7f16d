import type { Cause } from './cause.js';
import { must } from './sign.js';

export const executedTwice: Cause = {
  name: 'executed-twice',
  mode: 34,
  claim: 'Writes were executed twice: the proxy sent a request again that the first server had already done.',
  signature: 'All answers are good, and records are there twice.',
  because: 'The proxy repeats methods that are not idempotent when a server ends under them.',
  remedy: 'Never let a proxy repeat unsafe methods; give writes an idempotency key.',
  fixes: {
    nginx: 'nginx: `proxy_next_upstream error timeout;` without `non_idempotent`.',
    haproxy: 'HAProxy: no `retry-on` for POST (`http-request disable-l7-retry if METH_POST`).',
  },
  references: ['https://github.com/cloudflare/pingora/issues/979'],
  signs: (v) => [must(v.faults('ledger', 'duplicated') > 0, 'the ledger found writes that are there twice', 6)],
};
