import type { OverTime } from '../../model/over-time.js';
import type { Attributed } from './attribution.js';
import { hasLatency } from './cells.js';
import { createLatencyMapLog } from './latency-map.js';
import { createStatusColumnLog } from './status-columns.js';
import { createTrafficSeriesLog } from './traffic-series.js';

export interface OverTimeLog {
  sample(a: Attributed): void;
  overTime(): OverTime;
}

/** What was judged over the run's time, for drawings: latencies, statuses, and the series of flows and connections. */
export function createOverTimeLog(flows: readonly string[], timeoutMs: number): OverTimeLog {
  const latencyMap = createLatencyMapLog();
  const statusColumns = createStatusColumnLog();
  const trafficSeries = createTrafficSeriesLog(flows);
  return {
    sample(a) {
      const { kind } = a.sample.outcome;
      if (kind === 'unsent') return;
      statusColumns.sample(a);
      const ms = a.sample.endedAt - a.sample.dueAt;
      const us = Math.round(1000 * (a.failed ? Math.max(timeoutMs, ms) : ms));
      if (kind !== 'blocked') latencyMap.sample(a, us);
      trafficSeries.sample(a, hasLatency(kind) ? us : null);
    },
    overTime: () => ({
      latencies: latencyMap.map(),
      series: trafficSeries.series(),
      statuses: statusColumns.columns(),
    }),
  };
}
