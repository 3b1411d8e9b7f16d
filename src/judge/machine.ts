import { stallLimitMs } from '../model/threshold.js';
import { formatMs, formatShare } from '../model/units.js';
import { durationMs, largestGapMs } from './bounds.js';
import { asleepShare, STARVED_SHARE } from './doubtful.js';
import type { Measure } from './measure.js';

/** A second of which the hypervisor took more than this share was not the harness' own. */
const STEAL_SHARE = 0.1;
/** Share of the judged time for which the control group was throttled. */
const THROTTLED_SHARE = 0.05;
/** A garbage collection that is longer than this is seen in the schedule, ms. */
const GC_MS = 100;
/** Share of a second in which tasks waited for a core. */
const PRESSURE_SHARE = 0.5;
/** Share of a core, for each sending thread. */
const CPU_SHARE = 0.9;

/** Lateness and gaps from which on a machine that shows why is a doubt. */
const LATE_MS = 50;
const GAP_PART = 1 / 4;

/**
 * A run in which the machine kept the harness from sending on time: both what it did (steal, throttling, garbage
 * collection) and its effect must be there. A signal without an effect says nothing of the numbers, and a little
 * lateness that no signal explains is seen in them.
 */
export function machineReasons(m: Measure): string[] {
  const share = Math.max(0, ...m.run.generator.senders.map((sender) => asleepShare(m.run, sender)));
  if (share > STARVED_SHARE)
    return [explained(m, `the harness itself was not running for ${formatShare(rounded(share))} of the time`, BUSY)];
  const effect = effectOf(m);
  const [signal] = disturbances(m);
  return effect === null || signal === undefined ? [] : [`${effect}; ${signal}`];
}

/** What helps where nothing shows why the harness is slow. */
export const BUSY =
  'the machine is too slow or too busy for this rate: lower traffic.rate, raise traffic.threads, or give the harness a core of its own';

/** The sentence with what the machine did, where that explains it; else with `otherwise`. */
export function explained(m: Measure, reason: string, otherwise?: string): string {
  const why = explanation(m) ?? otherwise;
  return why === undefined ? reason : `${reason}; ${why}`;
}

/** Causes that are named: a starved process has long collections too, and not for want of memory. */
const CAUSES_NAMED = 2;

/** What the machine did and how it is helped; null where nothing shows. */
export function explanation(m: Measure): string | null {
  const causes = causesOf(m).slice(0, CAUSES_NAMED);
  return causes.length === 0 ? null : causes.join('; ');
}

/** All that may stand behind lateness and pauses, the likeliest first. */
function causesOf(m: Measure): string[] {
  const { generator, header } = m.run;
  const { cpuPressureMax } = generator.machine;
  const cores = generator.cpu / Math.max(1, header.traffic.threads);
  return [
    ...disturbances(m),
    ...(cpuPressureMax !== null && cpuPressureMax > PRESSURE_SHARE
      ? [
          `other processes waited for a core in up to ${formatShare(rounded(cpuPressureMax))} of a second: give the harness a core of its own`,
        ]
      : []),
    ...(cores > CPU_SHARE
      ? [`the harness used ${generator.cpu.toFixed(1)} cores on average: raise traffic.threads or lower traffic.rate`]
      : []),
  ];
}

/** What is not the harness' own doing, and enough to make a run worthless where it had an effect. */
function disturbances(m: Measure): string[] {
  const { machine, gcMs } = m.run.generator;
  const { throttledMs, stealMax } = machine;
  const judgedMs = judgedTimeMs(m);
  return [
    ...(throttledMs !== null && throttledMs > THROTTLED_SHARE * judgedMs
      ? [`the control group was throttled for ${formatMs(throttledMs)} of ${formatMs(judgedMs)}: raise its CPU limit`]
      : []),
    ...(stealMax !== null && stealMax > STEAL_SHARE
      ? [
          `the hypervisor took up to ${formatShare(rounded(stealMax))} of a second's CPU time: use a machine with cores of its own`,
        ]
      : []),
    ...(gcMs.max > GC_MS
      ? [`a garbage collection took ${formatMs(gcMs.max)}: raise traffic.threads or lower traffic.rate`]
      : []),
  ];
}

function effectOf(m: Measure): string | null {
  const { p99 } = m.run.generator.latenessMs;
  const gap = largestGapMs(m, m.whole, null) ?? 0;
  if (gap > GAP_PART * stallLimitMs(m.run.header.thresholds)) return `nothing was sent for ${formatMs(gap)}`;
  return p99 > LATE_MS ? `one request in a hundred was sent ${formatMs(p99)} late or later` : null;
}

function judgedTimeMs(m: Measure): number {
  return durationMs(m, { label: '', phases: [...m.baseline.phases, ...m.whole.phases] });
}

function rounded(share: number): number {
  return Math.round(share * 100) / 100;
}
