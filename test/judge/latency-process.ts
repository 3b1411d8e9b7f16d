import type { FlowSeries, RunEvidence } from '../../src/judge/compare/evidence.js';
import { type Random, randomFor } from '../../src/model/random.js';
import type { Judgement } from '../../src/model/verdict.js';
import { createLatencies, recordMs } from '../../src/record/fold/latencies.js';
import { headerOf } from '../record/build-run.js';

/**
 * Latencies as a loaded app gives them: log-normal, each like the one before it (AR(1) of the logarithms), with bursts in
 * which a pause delays all requests. Times in ms.
 */
export interface Process {
  ratePerSec: number;
  medianMs: number;
  sigma: number;
  /** Correlation of neighbours. */
  phi: number;
  bursts: { perSec: number; lastMs: number; addMs: number };
  /** What exceeds `knee` times the median is stretched by `stretch`: p99 rises and p50 stays. */
  knee?: number;
  stretch?: number;
  /** All latencies of the run by this factor. */
  scale?: number;
}

/** One series of the process; the same key gives the same. */
export function series(key: string, process: Process, durationMs: number): Omit<FlowSeries, 'phase' | 'flow'> {
  const { ratePerSec, medianMs, sigma, phi, bursts, knee = 1.3, stretch = 1, scale = 1 } = process;
  const random = randomFor(key);
  const count = Math.round((durationMs * ratePerSec) / 1000);
  const micros = new Uint32Array(count);
  const at = new Float32Array(count);
  let state = normal(random);
  let burst = { until: -1, addMs: 0 };
  for (let i = 0; i < count; i++) {
    at[i] = (i * 1000) / ratePerSec;
    state = phi * state + Math.sqrt(1 - phi * phi) * normal(random);
    if (random() < bursts.perSec / ratePerSec) {
      const lastMs = -bursts.lastMs * Math.log(1 - random());
      burst = { until: (at[i] as number) + lastMs, addMs: bursts.addMs * (0.5 + random()) };
    }
    const plain = medianMs * Math.exp(sigma * state) + ((at[i] as number) < burst.until ? burst.addMs : 0);
    const bend = knee * medianMs;
    micros[i] = Math.round(scale * (plain > bend ? bend + (plain - bend) * stretch : plain) * 1000);
  }
  return { micros, at, durationMs, seen: count, due: count };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** p99 by nearest rank, ms. */
export function p99Of({ micros }: { micros: Uint32Array }): number {
  return (micros.toSorted()[Math.ceil(0.99 * micros.length) - 1] as number) / 1000;
}

export interface StepPlan {
  name: string;
  process: Process;
  ms: number;
}

/** A judged run of steps without failures, whose latencies are drawn from processes: `baseline` is the first. */
export function evidenceOf(key: string, steps: readonly StepPlan[], flows: readonly string[] = []): RunEvidence {
  const all = steps.flatMap(({ name, process, ms }, phase) => {
    const each = (flow: string | null) => ({ phase, flow, ...series(`${key} ${name} ${flow}`, process, ms) });
    return [each(null), ...flows.map(each)];
  });
  const phases = steps.map(({ name, ms }, index) => ({
    name,
    kind: index === 0 ? 'baseline' : 'custom',
    role: 'release',
    judged: true,
    startAt: 0,
    endAt: ms,
  }));
  const cells = all
    .filter(({ flow }) => flow !== null || flows.length === 0)
    .map(({ phase, flow, micros }) => ({
      phase,
      flow: flow ?? 'home',
      failed: 0,
      requests: micros.length,
      // Asked for only where everything else speaks for a change.
      get sinceSent() {
        const latencies = createLatencies();
        for (const each of micros) recordMs(latencies, each / 1000);
        return latencies;
      },
    }));
  const header = { ...headerOf({}), runId: key };
  const run = { header, phases, cells, outages: [], stalls: [], probes: [] } as unknown as RunEvidence['run'];
  const judgement = { healthy: true, verdict: 'zero-downtime', release: 'completed', harnessReasons: [] };
  return { dir: key, run, judgement: judgement as unknown as Judgement, series: all };
}
