import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const slowBootOnReload: Cause = {
  name: 'slow-boot-on-reload',
  mode: 20,
  claim:
    'At the reload the old workers stopped before the new ones had booted: requests waited for as long as the boot takes.',
  signature: 'No errors; all flows wait, and latency falls in a straight line: its height is the boot time.',
  because: 'The master keeps the socket, so nothing is refused; nobody takes requests out of its queue.',
  remedy: 'Load the app before workers are replaced, make the boot short, or switch between two instances.',
  fixes: {
    gunicorn:
      'gunicorn: `preload_app = True` with USR2 (a new master beside the old one), more workers, or imports out of the boot.',
  },
  references: [],
  signs: (v) => [
    must(v.incident.stalls.length > 0, 'nothing was answered for a time'),
    must(v.share('refused') < 0.1 && v.failed <= 20, 'with hardly an error', 1),
    sign(v.kind === 'reload' || v.kind === 'rollback', 2, 'at a reload'),
    sign(v.processes.appBegan === null ? null : v.processes.appBegan.length > 0, 2, 'workers were being replaced'),
    sign(v.systems.has('gunicorn') ? true : null, 1, 'gunicorn runs the app'),
    sign(stalledAll(v), 2, 'every flow waited', 1),
  ],
};

function stalledAll({ incident, run }: Parameters<Cause['signs']>[0]): boolean {
  const stalled = new Set(incident.stalls.flatMap(({ streams }) => streams));
  return run.header.traffic.flows.every(({ name }) => stalled.has(name));
}
