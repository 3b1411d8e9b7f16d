import { resolve } from 'node:path';
import { watchMachine } from '../conductor/machine-watch.js';
import { type Follower, joinRun } from '../conductor/shards/follower.js';
import { planDigest } from '../conductor/shards/protocol.js';
import { startTraffic, type Traffic } from '../engine/traffic.js';
import { messageOf } from '../model/errors.js';
import type { RunEvent } from '../model/event.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import { rateAt } from '../model/rate.js';
import { formatCount } from '../model/units.js';
import { type Clock, clockSince, monotonicNs } from '../platform/clock.js';
import { Recorder } from '../record/recorder.js';
import { createRedactor, redactStrings } from '../scenario/redact.js';
import type { Scenario } from '../scenario/scenario.js';
import { checkShards } from '../scenario/traffic.js';
import { withinDescriptors } from './descriptors.js';
import type { Executed } from './execute.js';
import { toolVersion } from './package-info.js';
import { headerOf } from './run-header.js';
import type { ShardRole } from './shards.js';
import { plainText } from './terminal/text.js';

const SIGNALS = { SIGINT: EXIT.SIGINT, SIGTERM: EXIT.SIGTERM, SIGHUP: EXIT.SIGTERM } as const;

/**
 * Sends one shard of a run that another process conducts: joins it, sends its share of the schedule until it is told to
 * end, and hands the record over. It judges nothing: exit 0 says that the share is on record, in order.
 */
export async function followShard(
  declared: Scenario,
  role: ShardRole,
  { out, json, quiet }: { out: string; json: boolean; quiet: boolean },
): Promise<Executed> {
  const { number, of } = role;
  checkShards(declared, of);
  const scenario = await withinDescriptors(declared, role);
  const originNs = monotonicNs();
  const clock = clockSince(originNs);
  const say = (text: string): void => {
    if (!quiet) process.stderr.write(`shard ${number}/${of}  ${plainText(text)}\n`);
  };
  const conductor = `${role.host.includes(':') ? `[${role.host}]` : role.host}:${role.port}`;
  say(`joining the run at ${conductor}`);
  const { threads } = scenario.traffic;
  const run = await joinRun({ ...role, conductor, digest: planDigest(scenario, toolVersion()), threads, clock });
  const { runId } = run;
  say(`joined ${runId}; its clock is known to ${run.clockOffset().errorMs.toFixed(1)} ms`);
  const dir = resolve(out, `${runId}-shard-${number}`);
  const signals = catchSignals();
  try {
    const { requests, faults } = await sendOnRecord(scenario, run, { role, originNs, dir, signals, say });
    const exitCode: ExitCode = signals.received ?? (faults.length > 0 ? EXIT.INCONCLUSIVE : EXIT.PASS);
    for (const each of faults) process.stderr.write(`shard ${number}/${of}  zdd-verify itself: ${plainText(each)}\n`);
    process.stdout.write(
      json ? `${JSON.stringify({ type: 'shard', number, of, dir, requests, exitCode })}\n` : `${dir}\n`,
    );
    return { dir, exitCode };
  } finally {
    run.close();
    signals.off();
  }
}

interface Following {
  role: ShardRole;
  originNs: bigint;
  /** Where the record is put. */
  dir: string;
  signals: Signals;
  say(text: string): void;
}

/**
 * Sends, records and hands the record over; how many requests are on record, and what went wrong, without secrets. Throws
 * OUTPUT_UNWRITABLE where nothing can be recorded.
 */
async function sendOnRecord(
  scenario: Scenario,
  run: Follower,
  { role: { number, of }, originNs, dir, signals, say }: Following,
): Promise<{ requests: number; faults: readonly string[] }> {
  const { runId } = run;
  const clock = clockSince(originNs);
  const redact = createRedactor(scenario.secrets);
  const faults: string[] = [];
  const fault = (reason: string): void => {
    const shown = redact(reason);
    if (!faults.includes(shown)) faults.push(shown);
  };
  let requests = 0;
  const recorder = await Recorder.create(dir, {
    redact: scenario.secrets.length === 0 ? (value) => value : (value) => redactStrings(value, redact),
    onFault: fault,
    listener: {
      event: () => {},
      sample: () => {
        requests += 1;
      },
    },
  });
  const startedAt = new Date(run.startedAt);
  recorder.event(redactStrings(headerOf(scenario, { runId, startedAt, originNs, shard: { number, of } }), redact));
  const { endpoints } = scenario.traffic;
  const stopWatch = watchMachine({ clock, endpoints, record: (event) => recorder.event(event) });
  let begun = false;
  const onBegin = (): void => {
    begun = true;
    say('sending');
  };
  try {
    await send(scenario, run, { recorder, originNs, shard: number - 1, of, signals, fault, onBegin });
  } catch (error) {
    fault(messageOf(error));
  } finally {
    await stopWatch();
  }
  recorder.event({ type: 'end', at: clock.now(), release: 'not-started', faults, servesNow: null });
  await recorder.close();
  if (begun) {
    say(`${formatCount(requests)} requests are on record; handing them over`);
    await run.handOver(dir, faults).catch((error) => fault(`the record was not handed over: ${messageOf(error)}`));
  }
  return { requests, faults };
}

interface Sending {
  recorder: Recorder;
  originNs: bigint;
  /** From 0. */
  shard: number;
  of: number;
  signals: Signals;
  fault(reason: string): void;
  onBegin(): void;
}

/** Sends until the conductor orders the end, is lost, or a signal comes. */
async function send(scenario: Scenario, run: Follower, sending: Sending): Promise<void> {
  const { recorder, originNs, shard, of, signals, fault, onBegin } = sending;
  const clock = clockSince(originNs);
  const recordClock = (at: number, leadAt: number): void =>
    recorder.event({ type: 'shard-clock', at, leadAt, errorMs: run.clockOffset().errorMs });
  let broken: (reason: string) => void = () => {};
  const failed = new Promise<string>((resolve) => {
    broken = resolve;
  });
  const userAgent = `zdd-verify/${toolVersion()} (run ${run.runId})`;
  const traffic = await startTraffic(
    { ...scenario.traffic, seed: run.seed, userAgent },
    {
      originNs,
      shard: { index: shard, of },
      begin: async () => {
        const { firstDueAt, leadFirstDueAt } = await run.begin();
        recordClock(firstDueAt, leadFirstDueAt);
        return firstDueAt;
      },
      onMessage: (message) => {
        if (message.type === 'samples') recorder.samples(message.batch);
        else recorder.event(eventOf(message, scenario));
      },
      onFault: (reason) => broken(reason),
    },
  );
  onBegin();
  run.onOrder((order) => traffic.follow(order));
  const over = await Promise.race([
    traffic.ended.then(() => null),
    failed,
    run.lost,
    signals.first.then((signal) => `it was ended by ${signal}`),
  ]);
  if (over !== null) {
    fault(over);
    await endNow(traffic, clock, scenario.traffic.timeoutMs);
  }
  const now = clock.now();
  recordClock(now, now + run.clockOffset().offsetMs);
  await traffic.kill();
}

/** What is in flight may come to its end. */
async function endNow(traffic: Traffic, clock: Clock, timeoutMs: number): Promise<void> {
  traffic.follow({ type: 'stop', at: clock.now() });
  const timer = new AbortController();
  const late = clock.sleep(timeoutMs + 1000, timer.signal).catch(() => {});
  await Promise.race([traffic.ended.catch(() => {}), late]);
  timer.abort();
}

type Spoken = Exclude<Parameters<Parameters<typeof startTraffic>[1]['onMessage']>[0], { type: 'samples' }>;

function eventOf(message: Spoken, { traffic }: Scenario): RunEvent {
  if (message.type === 'ended') return { ...message, type: 'traffic-ended' };
  if (message.type !== 'started') return message;
  const ratePerSec = traffic.streams.reduce((sum, { rate }) => sum + rateAt(rate, 0), 0);
  return { ...message, type: 'traffic-started', ratePerSec };
}

interface Signals {
  first: Promise<string>;
  /** The exit code of the first signal that came. */
  readonly received: ExitCode | null;
  off(): void;
}

/** The first signal ends the sending, and the record is handed over; a second SIGINT leaves at once. */
function catchSignals(): Signals {
  let received: ExitCode | null = null;
  let tell: (signal: string) => void = () => {};
  const first = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const handlers = Object.entries(SIGNALS).map(([signal, exitCode]) => {
    const handler = (): void => {
      if (received !== null && signal === 'SIGINT') process.exit(EXIT.SIGINT);
      received ??= exitCode;
      tell(signal);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return {
    first,
    get received() {
      return received;
    },
    off: () => {
      for (const off of handlers) off();
    },
  };
}
