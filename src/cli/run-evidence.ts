import type { FlowSeries, RunEvidence } from '../judge/compare/evidence.js';
import { keepSeries, type SeriesKeeper } from '../judge/compare/series.js';
import type { RunHeader } from '../model/event.js';
import { isFailure } from '../model/outcome.js';
import type { Run } from '../model/run.js';
import type { Sample } from '../model/sample.js';
import type { Threshold } from '../model/threshold.js';
import { attribute, WARMUP } from '../record/fold/attribution.js';
import { createPhaseLog, isAboutPhases } from '../record/fold/phases.js';
import type { ReplayTarget } from '../record/replay.js';
import { judgeRecord } from './results.js';

/**
 * Reads, judges and measures the run in `dir`, in one pass. Of each flow in each step 16,384 latencies are kept at most
 * (128 KiB), drawn evenly over its time: a run of 10^7 requests in ten steps of five flows takes 8 MiB.
 */
export async function readEvidence(dir: string, thresholds?: Threshold[]): Promise<RunEvidence> {
  let collector: SeriesCollector | null = null;
  const results = await judgeRecord(dir, thresholds, (header) => {
    collector = collectSeries(header);
    return collector;
  });
  return { dir, ...results, series: (collector as unknown as SeriesCollector).series(results.run) };
}

interface SeriesCollector extends ReplayTarget {
  series(run: Run): FlowSeries[];
}

/**
 * Latencies (end - due; a failed request counts as its timeout) by flow and the step they ended in, in the order they ended;
 * and how many arrivals were due in each.
 */
function collectSeries({ traffic, target: { timeoutMs } }: RunHeader): SeriesCollector {
  const phaseLog = createPhaseLog();
  const flows = traffic.flows.map(({ name }) => name);
  const keepers = new Map<string, { phase: number; flow: string | null; keeper: SeriesKeeper }>();
  const due = new Map<string, number>();
  const keyOf = (phase: number, flow: string | null): string => `${phase} ${flow === null ? '*' : flows.indexOf(flow)}`;
  const keeperOf = (phase: number, flow: string | null): SeriesKeeper => {
    const key = keyOf(phase, flow);
    const known = keepers.get(key);
    if (known !== undefined) return known.keeper;
    const keeper = keepSeries(key);
    keepers.set(key, { phase, flow, keeper });
    return keeper;
  };
  return {
    event: (event) => {
      if (isAboutPhases(event)) phaseLog.event(event);
    },
    sample(sample) {
      const { flow, dueAt, endedAt, outcome } = sample;
      if (!isSound(sample)) return;
      for (const key of [keyOf(phaseLog.at(dueAt), null), keyOf(phaseLog.at(dueAt), flow)])
        due.set(key, (due.get(key) ?? 0) + 1);
      if (outcome.kind === 'unsent' || outcome.kind === 'blocked') return;
      const phase = attribute(sample, phaseLog);
      if (phase === WARMUP) return;
      const atMs = dueAt - (phaseLog.phases[phase]?.startAt ?? 0);
      const latencyMs = Math.max(isFailure(outcome) ? timeoutMs : 0, endedAt - dueAt);
      keeperOf(phase, null).add(atMs, latencyMs);
      if (flows.length > 1) keeperOf(phase, flow).add(atMs, latencyMs);
    },
    series: ({ phases }) =>
      [...keepers.values()]
        .sort((a, b) => a.phase - b.phase || place(flows, a.flow) - place(flows, b.flow))
        .flatMap(({ phase, flow, keeper }) => {
          const { startAt, endAt } = phases[phase] ?? { startAt: 0, endAt: 0 };
          const series = { ...keeper.series(endAt - startAt), due: due.get(keyOf(phase, flow)) ?? 0 };
          return endAt > startAt ? [{ phase, flow, ...series }] : [];
        }),
  };
}

/** What the fold leaves out as unintelligible is left out here too; that makes the run inconclusive. */
function isSound({ dueAt, endedAt }: Sample): boolean {
  return Number.isFinite(dueAt) && Number.isFinite(endedAt);
}

/** All flows together come first. */
function place(flows: readonly string[], flow: string | null): number {
  return flow === null ? -1 : flows.indexOf(flow);
}
