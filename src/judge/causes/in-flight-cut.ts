import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const inFlightCut: Cause = {
  name: 'in-flight-cut',
  mode: 11,
  claim: 'The old process ended before the requests that it was answering: they were cut.',
  signature: 'Failures share one end, while their starts are spread over what a request takes; long ones fail first.',
  because: 'It was stopped without a drain, or the drain was shorter than the longest request.',
  remedy: 'On SIGTERM stop accepting, finish what is under way, then exit; wait longer than the longest request.',
  fixes: {
    node: "Node: `process.on('SIGTERM', () => server.close(() => process.exit(0)))`.",
    gunicorn: 'gunicorn: `graceful_timeout = 30`, above the longest request.',
    uvicorn: 'uvicorn: `--timeout-graceful-shutdown 30`.',
    haproxy: 'HAProxy: `set server BACKEND/NAME state drain`, and stop it when `show stat` says `scur` 0.',
    pm2: 'PM2: handle SIGINT, `kill_timeout: 30000`.',
    kubernetes: 'Kubernetes: `terminationGracePeriodSeconds` above the longest request.',
  },
  references: [],
  signs: (v) => [
    must(
      v.lost + v.gateway > 0.5 || (v.failed === 0 && v.longLost),
      'requests were cut or answered by the proxy in the place of the app',
    ),
    must(v.share('refused') < 0.2, 'hardly any connection was refused', 0),
    must(v.raced <= 0.5 || v.longLost, 'they were not sent into the close of an idle connection', 0),
    sign(v.longLost ? null : v.underWay, 0, 'requests had been under way for a time', 3),
    sign(v.faults('inflight') > 0 ? true : null, 3, 'long requests in flight were lost'),
    sign(v.faults('upload', 'failed') > 0 ? true : null, 1, 'uploads under way were lost'),
    sign(v.failed < 2 ? null : v.commonEnd.share > 0.5, 2, 'the failures share one end'),
    sign(v.failed < 2 ? null : v.commonEnd.sentSpreadMs > 40, 2, 'they were sent over a longer time'),
    sign(v.hardMs < 150, 2, 'other requests succeeded meanwhile'),
    sign(
      v.processes.appEnded === null ? null : v.processes.appEnded.length > 0,
      2,
      'a process of the app ended at that time',
    ),
    sign(v.failed === 0 && v.incident.stalls.length > 0 ? false : null, 5, 'nothing merely waited'),
    sign(v.untilUndone ? false : null, 3, 'it was over soon'),
  ],
};
