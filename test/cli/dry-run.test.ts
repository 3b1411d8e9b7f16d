import { describe, expect, it } from 'vitest';
import { dryRunLines } from '../../src/cli/dry-run.js';
import { headerOf } from '../../src/cli/run-header.js';
import { constantRate } from '../../src/model/rate.js';
import { load } from '../scenario/scenarios.js';

const CONTENT = `version: 1
name: shop
targets:
  web: { url: "http://127.0.0.1:8080/shop" }
  api: { url: "https://api.internal", protocol: h2, resolve: 10.0.0.7 }
traffic:
  executor: ramping-arrival-rate
  stages: [{ target: 50, duration: 2s }, { target: 50, duration: 1m }, { target: 100, duration: 0s }, { target: 200, duration: 10s }]
  arrival: poisson
  threads: 2
  mix:
    - { name: home, get: / }
    - { name: items, get: /items, target: api }
    - { name: export, get: /export, rate: 6/m }
probes:
  sse: { path: /events }
  upload: { post: /up }
  control: { url: "http://127.0.0.1:9000" }
steps:
  - { name: build, run: "make all", rate: 20/s }
  - { name: switch, run: [./switch.sh, v2] }
rollback: { run: ./back.sh }
`;

describe('a dry run', () => {
  it('says where the traffic would go, how much of it, what is asked beside it, and the steps', async () => {
    expect(dryRunLines(await load(CONTENT))).toEqual([
      'target     web: http://127.0.0.1:8080/shop',
      'target     api: https://api.internal at 10.0.0.7 over HTTP/2',
      'traffic    0/s, to 50/s in 2.0 s, 50/s for 60.0 s, 100/s, to 200/s in 10.0 s: home, items',
      'traffic    0.1/s: export',
      'probe      upload: POST /shop/up, 1048576 bytes over 3.0 s',
      'probe      sse: /shop/events, 1 connection',
      'probe      control: GET http://127.0.0.1:9000/ every 200 ms',
      'baseline   30 s after 2 s of warm-up',
      'build      build (at 20/s): make all',
      'switch     switch: ./switch.sh v2',
      'rollback   rollback: ./back.sh',
      'nothing was run',
    ]);
  });

  it('says what is required, where steps run, what they wait for, and the hooks', async () => {
    const content = `version: 1
name: shop
require: { env: [HOME], command: nginx -t, on: web1 }
hosts: { web1: { ssh: deploy@10.0.1.10 } }
target: { url: "http://127.0.0.1:8080", version: { header: x-release } }
traffic: { rate: 50/s, mix: [{ name: home, get: / }] }
steps:
  - { name: switch, run: ./switch.sh, on: web1 }
  - { name: canary, run: ./weight.sh 10, hold: { until: { requests: 500, version: v2 }, max: 2m } }
  - { name: sync, wait: { version: v2 } }
on: [{ event: finished, run: ./tell.sh }]
`;
    expect(dryRunLines(await load(content)).slice(2)).toEqual([
      'requires   env HOME',
      'requires   command nginx -t on web1',
      'host       web1: deploy@10.0.1.10',
      'baseline   30 s after 2 s of warm-up',
      'switch     switch on web1: ./switch.sh',
      'custom     canary: ./weight.sh 10; held until 500 requests of v2, at most 2 min 00 s',
      'custom     sync: waits for version v2 at GET /',
      'hook       finished: ./tell.sh',
      'nothing was run',
    ]);
  });
});

describe('the header of a run', () => {
  it('tells the judge of streams, targets and probes', async () => {
    const scenario = await load(CONTENT);
    const header = headerOf(scenario, { runId: 'r', startedAt: new Date(0), originNs: 5n });
    expect(header).toMatchObject({
      probes: ['upload', 'sse', 'control'],
      target: { url: 'http://127.0.0.1:8080/shop' },
    });
    expect(header.traffic).toMatchObject({ ratePerSec: 0.1, arrival: 'poisson', threads: 2 });
    expect(header.traffic.streams[1]).toEqual({ name: 'export', rate: constantRate(0.1) });
    expect(header.traffic.flows).toEqual([
      { name: 'home', method: 'GET', path: '/shop/', weight: 1, stream: 0, target: 'web' },
      { name: 'items', method: 'GET', path: '/items', weight: 1, stream: 0, target: 'api' },
      { name: 'export', method: 'GET', path: '/shop/export', weight: 1, stream: 1, target: 'web' },
    ]);
  });
});
