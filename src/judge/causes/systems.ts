import type { Run } from '../../model/run.js';

export const SYSTEMS = [
  'nginx',
  'haproxy',
  'gunicorn',
  'uvicorn',
  'pm2',
  'node',
  'systemd',
  'docker',
  'kubernetes',
  'postgres',
] as const;
export type System = (typeof SYSTEMS)[number];

const WORDS: Record<System, RegExp> = {
  nginx: /\bnginx\b/i,
  haproxy: /\bhaproxy\b/i,
  gunicorn: /\bgunicorn\b/i,
  uvicorn: /\buvicorn\b/i,
  pm2: /\bpm2\b/i,
  node: /\bnode\b/i,
  systemd: /\bsystemctl\b|\bsystemd\b/i,
  docker: /\bdocker\b/i,
  kubernetes: /\bkubectl\b|\bkubernetes\b/i,
  postgres: /\bpostgres|\bpsql\b|\balembic\b/i,
};

/** What `nginx -s` writes. */
export const NGINX_SIGNALLED = /\[notice\] \d+#\d+: signal process started/;
const NGINX_SAYS = /\bnginx: (?:\[|the configuration file|configuration file)/;

/**
 * What the release is made with, by its commands, its scenario's name and what is watched, and for nginx by what it
 * writes itself: for the remedy's words.
 */
export function systemsOf({ header, phases, watchers, output }: Run): ReadonlySet<System> {
  const text = [
    header.scenario.name,
    ...phases.map(({ command }) => command ?? ''),
    ...watchers.flatMap(({ kind, of, name, processes }) => [
      kind,
      of,
      name,
      ...processes.slice(0, 50).map(({ command }) => command),
    ]),
  ].join('\n');
  const nginxWrote = output.some(({ line }) => NGINX_SIGNALLED.test(line) || NGINX_SAYS.test(line));
  return new Set(SYSTEMS.filter((system) => WORDS[system].test(text) || (system === 'nginx' && nginxWrote)));
}
