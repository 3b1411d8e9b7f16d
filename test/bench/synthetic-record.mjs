// Writes the record of a run that never took place: COUNT requests in the folder DIR, at RATE a second of its own time
// (default 10,000), through the recorder that a run uses. Prints what it took as JSON.
// Usage: node synthetic-record.mjs COUNT DIR [RATE]
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const { Recorder, SAMPLES_FILE } = await import(new URL('../../dist/record/recorder.js', import.meta.url).href);

const RATE = Number(process.argv[4] ?? 10_000);
const WINDOW_MS = 100;
const TIMEOUT_MS = 5000;
const FLOWS = ['home', 'items', 'checkout'];
const OK = 0;
const LOST = 2;
const NO_CAUSE = 255;
const REFUSED = 0;
const TIMEOUT = 4;
const TEXTS = ['', 'v1', 'v2', 'ECONNREFUSED', 'no answer within 5000 ms'];
const REFUSED_TEXT = 3;
const TIMEOUT_TEXT = 4;
const PHASES = [
  ['warmup', 'warmup', 'release', 0],
  ['baseline', 'baseline', 'release', 0.02],
  ['build', 'build', 'release', 0.2],
  ['migrate', 'migrate', 'release', 0.3],
  ['switch', 'switch', 'release', 0.4],
  ['reload', 'reload', 'release', 0.5],
  ['rollback', 'rollback', 'rehearsal', 0.8],
];

const count = Number(process.argv[2]);
const dir = String(process.argv[3]);
const durationMs = (count * 1000) / RATE;
const startOf = (name) => (PHASES.find(([phase]) => phase === name)?.[3] ?? 0) * durationMs;
const reloadAt = startOf('reload');
const rollbackAt = startOf('rollback');

const recorder = await Recorder.create(dir, {
  redact: (value) => value,
  onFault: (reason) => {
    throw new Error(reason);
  },
  listener: { event() {}, sample() {} },
});
const began = process.cpuUsage();
recorder.event(header());
recorder.event({ type: 'traffic-started', at: 0, firstDueAt: 0, ratePerSec: RATE });

/** Rows that have not ended yet, by the window in which they do. */
const waiting = new Map();
let seed = 0x2545f491;
let next = 0;
let phase = 0;
let recorded = 0;
for (let window = 0; recorded < count; window++) {
  const at = window * WINDOW_MS;
  while (phase < PHASES.length && PHASES[phase][3] * durationMs <= at) beginPhase(PHASES[phase++], at);
  for (; next < count && (next * 1000) / RATE < at + WINDOW_MS; next++) {
    const row = rowOf(next, (next * 1000) / RATE);
    const ends = Math.floor(row.endedAt / WINDOW_MS);
    if (waiting.has(ends)) waiting.get(ends).push(row);
    else waiting.set(ends, [row]);
  }
  const rows = waiting.get(window) ?? [];
  waiting.delete(window);
  if (rows.length > 0) recorder.samples(batchOf(rows));
  recorded += rows.length;
  if (window % 10 === 0) watched(at);
  // As on a run's clock: what has come is written before much more comes.
  if (window % 2 === 0) await recorder.flush();
}
const lastAt = durationMs + TIMEOUT_MS + WINDOW_MS;
recorder.event({ type: 'traffic-ended', at: lastAt, due: count, recorded: count });
recorder.event({ type: 'end', at: lastAt, release: 'completed', faults: [], servesNow: 'v1' });
await recorder.close();
const { user, system } = process.cpuUsage(began);
const { size } = await stat(join(dir, SAMPLES_FILE));
const { maxRSS } = process.resourceUsage();
process.stdout.write(`${JSON.stringify({ rows: count, bytes: size, cpuMs: (user + system) / 1000, rssKb: maxRSS })}\n`);

function rowOf(seq, dueAt) {
  const outage = dueAt >= reloadAt && dueAt < reloadAt + 300;
  const hangs = !outage && seq % 100_003 === 100_002;
  const fresh = random() < 0.2;
  const latencyMs = 0.4 + -Math.log(1 - random()) * 1.5 + (random() < 0.01 ? random() * 40 : 0);
  const sentAt = micros(dueAt + random() * 0.3);
  const endedAt = micros(sentAt + (hangs ? TIMEOUT_MS : outage ? 0.2 : latencyMs));
  return {
    seq,
    flow: seq % 10 < 6 ? 0 : seq % 10 < 9 ? 1 : 2,
    reused: fresh || outage ? 0 : 1,
    connectionId: outage ? 0 : fresh ? seq + 100 : 1 + (seq % 20),
    reuse: fresh ? 0 : Math.floor(seq / 20),
    idleMs: fresh ? 0 : 2,
    dueAt,
    sentAt,
    connectedAt: outage ? Number.NaN : fresh ? micros(sentAt + 0.1) : sentAt,
    firstByteAt: outage || hangs ? Number.NaN : micros(endedAt - 0.05),
    endedAt,
    outcome: outage || hangs ? LOST : OK,
    cause: outage ? REFUSED : hangs ? TIMEOUT : NO_CAUSE,
    status: outage || hangs ? 0 : 200,
    version: outage || hangs ? 0 : endedAt > reloadAt && endedAt < rollbackAt ? 2 : 1,
    detail: outage ? REFUSED_TEXT : hangs ? TIMEOUT_TEXT : 0,
    bytes: outage || hangs ? 0 : 512 + (seq % 7) * 100,
    cached: 0,
  };
}

function batchOf(rows) {
  const column = (Type, key) => Type.from(rows, (row) => row[key]);
  return {
    count: rows.length,
    seq: column(Float64Array, 'seq'),
    flow: column(Uint16Array, 'flow'),
    reused: column(Uint8Array, 'reused'),
    connectionId: column(Uint32Array, 'connectionId'),
    reuse: column(Uint32Array, 'reuse'),
    idleMs: column(Float64Array, 'idleMs'),
    dueAt: column(Float64Array, 'dueAt'),
    sentAt: column(Float64Array, 'sentAt'),
    connectedAt: column(Float64Array, 'connectedAt'),
    firstByteAt: column(Float64Array, 'firstByteAt'),
    endedAt: column(Float64Array, 'endedAt'),
    outcome: column(Uint8Array, 'outcome'),
    cause: column(Uint8Array, 'cause'),
    status: column(Uint16Array, 'status'),
    version: column(Uint16Array, 'version'),
    detail: column(Uint16Array, 'detail'),
    bytes: column(Float64Array, 'bytes'),
    cached: column(Uint8Array, 'cached'),
    texts: TEXTS,
  };
}

function beginPhase([name, kind, role], at) {
  recorder.event({ type: 'phase', at, name, kind, role });
  if (kind === 'warmup' || kind === 'baseline') return;
  recorder.event({ type: 'command-started', at: at + 1, command: `./${name}.sh`, pid: 1 });
  recorder.event({ type: 'command-ended', at: at + 20, exitCode: 0, signal: null, timedOut: false });
  if (kind === 'reload' || kind === 'rollback') {
    recorder.event({ type: 'readiness-started', at: at + 20, checks: ['/'], consecutive: 1, withinMs: 5000 });
    recorder.event({ type: 'readiness-ended', at: at + 50, ready: true, detail: '' });
  }
  recorder.event({ type: 'step-ended', at: at + 60, name, outcome: 'ok', detail: '' });
}

function watched(at) {
  const eventLoopDelayMs = { p99: 0.4, max: 1.1 };
  const gcMs = { max: 0.8, total: 3 };
  const thread = { eventLoopDelayMs, gcMs, inFlight: 12, openConnections: 20, cpu: 0.6, thread: 0 };
  recorder.event({ type: 'harness', at, ...thread });
}

function header() {
  const stream = { name: '', rate: [{ at: 0, fromPerSec: RATE, toPerSec: RATE, forMs: null }] };
  const limit = (metric, aggregate, comparison, value, expression, timesBaseline = false) => ({
    ...{ metric, selector: {}, expression, aggregate, comparison, value, timesBaseline },
    ...{ level: 'fail', abortOnFail: false, delayAbortEvalMs: 0, origin: 'default', source: null },
  });
  return {
    type: 'header',
    schema: 'zdd-verify/journal/v1',
    runId: 'synthetic',
    tool: { version: '0.0.0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    originNs: '0',
    scenario: { name: `${count} synthetic requests`, sha256: '', file: null, runbook: null },
    target: { url: 'http://127.0.0.1:1', timeoutMs: TIMEOUT_MS },
    version: { declared: true, changes: true },
    traffic: {
      ratePerSec: RATE,
      streams: [stream],
      arrival: 'even',
      threads: 1,
      flows: FLOWS.map((name, index) => ({
        ...{ name, method: 'GET', path: `/${name}`, target: '', stream: 0 },
        weight: [6, 3, 1][index],
      })),
      ...{ keepaliveShare: 0.8, pool: 20, client: 'strict', maxInFlight: 10_000 },
    },
    steps: PHASES.slice(2, -1).map(([name, kind]) => ({ name, kind })),
    rollback: [{ name: 'rollback' }],
    rehearsal: 'rollback',
    probes: [],
    thresholds: [
      limit('http_req_failed', 'rate', '==', 0, 'rate==0'),
      limit('outage', 'max', '==', 0, 'max==0'),
      limit('stall', 'max', '<', 1000, 'max<1000'),
      limit('latency', { p: 99 }, '<', 2, 'p(99)<2*baseline', true),
    ],
    environment: {},
    effective: null,
  };
}

/** From 0 to 1, the same each time. */
function random() {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 2 ** 32;
}

function micros(ms) {
  return Math.round(ms * 1000) / 1000;
}
