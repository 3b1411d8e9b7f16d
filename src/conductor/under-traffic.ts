import { SHARD_NOTICE_MS, startTraffic, type Traffic, type TrafficMessage } from '../engine/traffic.js';
import { messageOf } from '../model/errors.js';
import type { ReleaseState } from '../model/event.js';
import { rateAt } from '../model/rate.js';
import type { RunContext } from './context.js';
import { decide } from './decide.js';
import { Halted } from './halt.js';
import { watchMachine } from './machine-watch.js';
import { preflight, versionNow } from './preflight.js';
import { runProbes } from './run-probes.js';
import { runWatchers } from './run-watchers.js';
import { seedOfRun } from './seed.js';
import type { Lead } from './shards/lead.js';

/** The release with everything that runs beside it: traffic, probes, watchers, the watch of this machine. */
export async function runUnderTraffic(
  context: RunContext,
  runRelease: (context: RunContext) => Promise<ReleaseState>,
): Promise<{ release: ReleaseState; servesNow: string | null }> {
  const { scenario, halt } = context;
  const unhealthy = await preflight(context);
  if (unhealthy !== null) {
    decide(context, 'preflight', 'abort', unhealthy);
    return { release: 'not-started', servesNow: null };
  }
  const seed = scenario.traffic.seed ?? seedOfRun(context.runId);
  const { lead } = context;
  const traffic = await startTraffic(
    { ...scenario.traffic, seed, userAgent: context.userAgent },
    {
      originNs: context.originNs,
      onMessage: (message) => hear(context, message),
      onFault: (reason) => {
        context.faults.push(reason);
        halt.request({ cause: 'harness', detail: reason });
      },
      ...(lead === null
        ? {}
        : {
            shard: { index: 0, of: lead.of },
            begin: () => begin(context, lead),
            onOrder: (order) => lead.order(order),
          }),
    },
  );
  context.setMixRate = rateSetter(traffic);
  const { clock, recorder } = context;
  const { endpoints } = scenario.traffic;
  const stopWatch = watchMachine({ clock, endpoints, record: (event) => recorder.event(event) });
  const stopWatchers = runWatchers(context);
  let stopProbes = async (): Promise<void> => {};
  try {
    stopProbes = await runProbes(context, seed);
    const release = await runRelease(context);
    return { release, servesNow: await versionNow(context).catch(() => null) };
  } finally {
    // What was written is read back while the traffic comes to its end.
    await Promise.all([stopTraffic(context, traffic), stopProbes()]);
    await stopWatch();
    await stopWatchers();
  }
}

/** Lets the schedule begin in every shard; without one of them nothing is begun. */
async function begin({ halt }: RunContext, lead: Lead): Promise<number> {
  try {
    return await lead.begin();
  } catch (error) {
    halt.request({ cause: 'preflight', detail: messageOf(error) });
    throw new Halted();
  }
}

/** Puts on record what the sending thread says. */
function hear(context: RunContext, message: TrafficMessage): void {
  const { recorder, scenario } = context;
  if (message.type === 'samples') recorder.samples(message.batch);
  else if (message.type === 'ended') recorder.event({ ...message, type: 'traffic-ended' });
  else if (message.type === 'started') {
    context.phaseAt = message.at;
    recorder.event({ type: 'phase', at: message.at, name: 'warmup', kind: 'warmup', role: 'release' });
    const ratePerSec = scenario.traffic.streams.reduce((sum, { rate }) => sum + rateAt(rate, 0), 0);
    recorder.event({ ...message, type: 'traffic-started', ratePerSec });
  } else recorder.event(message);
}

/** Changes the rate of the mix where it is another than before. */
function rateSetter(traffic: Traffic): (ratePerSec: number | null) => void {
  let current: number | null = null;
  return (ratePerSec) => {
    if (ratePerSec !== current) traffic.changeRate(0, ratePerSec);
    current = ratePerSec;
  };
}

async function stopTraffic(context: RunContext, traffic: Traffic): Promise<void> {
  const { clock, scenario } = context;
  context.onProgress('waiting for the last answers');
  const timer = new AbortController();
  const noticeMs = context.lead === null ? 0 : SHARD_NOTICE_MS;
  const late = clock.sleep(noticeMs + scenario.traffic.timeoutMs + 5000, timer.signal).then(() => {
    throw new Error('the sending thread did not end');
  });
  late.catch(() => {});
  try {
    await Promise.race([traffic.stop(), late]);
  } catch (error) {
    if (!context.faults.includes(messageOf(error))) context.faults.push(messageOf(error));
  } finally {
    timer.abort();
  }
  await traffic.kill();
}
