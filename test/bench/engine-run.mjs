/**
 * Drives the built engine as a run does: traffic in its own thread, samples handed to this one. Takes a load as JSON,
 * prints what became of it as JSON.
 */
import { startTraffic } from '../../dist/engine/traffic.js';
import { constantRate } from '../../dist/model/rate.js';
import { OUTCOME_KINDS } from '../../dist/model/sample.js';
import { clockSince, monotonicNs } from '../../dist/platform/clock.js';
import { endpointOf } from '../../dist/wire/endpoint.js';

const SENT_AND_FAILED = ['wrong', 'lost'];

/** @type {import('./generators.ts').Load & { threads?: number }} */
const { url, ratePerSec, seconds, connections, threads = 1 } = JSON.parse(process.argv[2] ?? '');
const { origin, pathname } = new URL(url);
const originNs = monotonicNs();
const clock = clockSince(originNs);
const most = Math.ceil(ratePerSec * (seconds + 1));
const lateness = new Float64Array(most);
const latency = new Float64Array(most);
let sent = 0;
let failures = 0;
let unsent = 0;

const traffic = await startTraffic(plan(), {
  originNs,
  onMessage: (message) => {
    if (message.type === 'samples') add(message.batch);
  },
  onFault: (reason) => {
    throw new Error(reason);
  },
});
await clock.sleep(traffic.firstDueAt - clock.now() + seconds * 1000);
const { due, recorded } = await traffic.stop();
await traffic.kill();
if (recorded !== due || sent + unsent !== due) throw new Error(`${due} due, ${recorded} recorded, ${sent} sent`);
const late = lateness.subarray(0, sent).sort();
const latencies = latency.subarray(0, sent).sort();
const result = {
  failures,
  detail: '',
  p99Ms: quantile(latencies, 0.99),
  unsent,
  latenessMs: { p50: quantile(late, 0.5), p99: quantile(late, 0.99), max: quantile(late, 1) },
};
process.stdout.write(`${JSON.stringify(result)}\n`);

/** @param {import('../../src/model/sample.js').SampleBatch} batch */
function add(batch) {
  for (let row = 0; row < batch.count; row += 1) {
    const kind = OUTCOME_KINDS[batch.outcome[row] ?? 0] ?? '';
    if (kind === 'unsent') {
      unsent += 1;
      continue;
    }
    if (SENT_AND_FAILED.includes(kind)) failures += 1;
    lateness[sent] = (batch.sentAt[row] ?? 0) - (batch.dueAt[row] ?? 0);
    latency[sent] = (batch.endedAt[row] ?? 0) - (batch.dueAt[row] ?? 0);
    sent += 1;
  }
}

/** @param {Float64Array} sorted @param {number} share */
function quantile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** @returns {import('../../src/engine/plan.js').TrafficPlan} */
function plan() {
  return {
    endpoints: [endpointOf(origin)],
    timeoutMs: 10_000,
    streams: [{ name: '', rate: constantRate(ratePerSec) }],
    arrival: 'even',
    seed: 1,
    threads,
    // Peers open their connections once, too.
    keepaliveShare: 1,
    pool: connections,
    client: 'strict',
    maxInFlight: 10_000,
    lateLimitMs: 500,
    flows: [
      {
        name: 'home',
        weight: 1,
        stream: 0,
        endpoint: 0,
        method: 'GET',
        path: pathname,
        headers: {},
        body: null,
        expect: { statuses: [200], body: null, json: [], headers: [] },
        template: null,
        clients: 0,
      },
    ],
    feeds: [],
    blocked: [],
    version: null,
    userAgent: 'zdd-verify (bench)',
  };
}
