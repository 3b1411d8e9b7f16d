import type { LinePattern } from '../watchers/plan.js';

/** Kinds of lines that are looked for in every watched log, by the formats that the programs have as they come. */
export const DEFAULT_PATTERNS: readonly LinePattern[] = [
  // Error log: `2026/01/02 03:04:05 [error] 12#12: *7 connect() failed (111: Connection refused) while connecting to upstream, ...`
  requestError('nginx-upstream-error', /\[(?:error|crit|alert|emerg)\] \d+#\d+: .*\bupstream/),
  {
    name: 'nginx-alert',
    source: /\[(?:alert|emerg)\] \d+#\d+: (?!.*\bupstream)/.source,
    flags: '',
    isRequestError: false,
  },
  // Access logs: `"GET / HTTP/1.1" 502 157`, `status=502`, `"status":"502"`.
  requestError('http-5xx', /" 5\d\d (?:\d+|-)(?:\s|$)|\bstatus["']?\s*[=:]\s*["']?5\d\d\b/),
  // HTTP log: `... shop/a 0/0/-1/-1/3 503 217 - - SC-- 4/4/0/0/3 0/0 ...`: a status of 5xx or none, or ended by the server or the proxy.
  requestError(
    'haproxy-error',
    / -?\d+(?:\/\+?-?\d+){3,4} (?:(?:5\d\d|-1) \+?\d+ \S+ \S+ \S{4}|\d{3} \+?\d+ \S+ \S+ [SsPRIDKU]\S{3}) \d+\/\d+\//,
  ),
  {
    name: 'haproxy-server-down',
    source: /\bServer \S+\/\S+ is (?:going )?DOWN\b/.source,
    flags: 'i',
    isRequestError: false,
  },
  { name: 'gunicorn-worker-timeout', source: /\bWORKER TIMEOUT \(pid:/.source, flags: '', isRequestError: false },
  {
    name: 'gunicorn-boot-error',
    source:
      /\bWorker failed to boot\b|\bException in worker process\b|\bReason: (?:Worker failed to boot|App failed to load)/
        .source,
    flags: '',
    isRequestError: false,
  },
  {
    name: 'gunicorn-worker-killed',
    source: /\bWorker \(pid:\d+\) (?:was sent|exited with|was terminated due to)/.source,
    flags: '',
    isRequestError: false,
  },
  {
    name: 'postgres-connections',
    source:
      /\bsorry, too many clients already\b|\bremaining connection slots are reserved\b|\btoo many connections for (?:role|database)\b/
        .source,
    flags: '',
    isRequestError: false,
  },
  {
    name: 'out-of-memory',
    source: /\bOut of memory: Killed process\b|\boom-kill:|\bMemory cgroup out of memory\b|\boom_reaper: reaped\b/
      .source,
    flags: 'i',
    isRequestError: false,
  },
];

function requestError(name: string, { source, flags }: RegExp): LinePattern {
  return { name, source, flags, isRequestError: true };
}
