import type { Series, TrafficSeries } from '../../model/over-time.js';
import type { Attributed } from './attribution.js';
import { createColumnAxis } from './columns.js';
import { createSecondLatencies, type SecondLatencies } from './second-latencies.js';

/** Flows that have a series. */
const FLOWS_KEPT = 50;
const COLUMNS = 600;
const COLUMN_MS = 1000;

export interface TrafficSeriesLog {
  /** `us` is the latency, microseconds; null for what has none. */
  sample(a: Attributed, us: number | null): void;
  series(): TrafficSeries;
}

/** What each flow, and each kind of connection, met in every second. */
export function createTrafficSeriesLog(flows: readonly string[]): TrafficSeriesLog {
  const ofFlows = flows.slice(0, FLOWS_KEPT).map(createTrack);
  const fresh = createTrack();
  const reused = createTrack();
  const tracks = [...ofFlows, fresh, reused];
  let second = Number.NaN;
  let used = 0;

  const axis = createColumnAxis(COLUMNS, COLUMN_MS, () => {
    for (const track of tracks) joinPairs(track.columns);
    used = Math.ceil(used / 2);
  });

  const settle = (): void => {
    if (Number.isNaN(second)) return;
    const column = axis.at(second * COLUMN_MS);
    used = Math.max(used, column + 1);
    for (const track of tracks) {
      addSecond(track.columns, column, track);
      forget(track);
    }
  };

  const seriesOf = (track: Track, column: number): Series => {
    const { requests, failed, p50, p99, max } = copyOf(track.columns);
    if (column >= 0) addSecond({ requests, failed, p50, p99, max }, column, track);
    const length = Math.max(used, column + 1);
    const counts = (values: Float64Array) => Array.from(values.subarray(0, length));
    const times = (values: Float64Array) => counts(values).map((ms) => (ms < 0 ? null : ms));
    return {
      requests: counts(requests),
      failed: counts(failed),
      p50Ms: times(p50),
      p99Ms: times(p99),
      maxMs: times(max),
    };
  };

  return {
    sample(a, us) {
      const now = Math.floor(a.at / COLUMN_MS);
      if (now !== second) {
        settle();
        second = now;
      }
      const ofFlow = ofFlows[a.flow];
      if (ofFlow !== undefined) count(ofFlow, a.failed, us);
      count(a.sample.connection === 'fresh' ? fresh : reused, a.failed, us);
    },
    series() {
      // The second that is not over counts too, without being settled: more may come.
      const column = Number.isNaN(second) ? -1 : axis.at(second * COLUMN_MS);
      return {
        ...axis.columns(),
        flows: ofFlows.map((track, index) => ({ flow: flows[index] as string, ...seriesOf(track, column) })),
        connections: [
          { connection: 'fresh', ...seriesOf(fresh, column) },
          { connection: 'reused', ...seriesOf(reused, column) },
        ],
      };
    },
  };
}

/** Values by column; a latency below 0 says that nothing ended. */
type TrackColumns = Record<'requests' | 'failed' | 'p50' | 'p99' | 'max', Float64Array>;

/** One series and its newest second. */
interface Track {
  requests: number;
  failed: number;
  latencies: SecondLatencies;
  columns: TrackColumns;
}

function createTrack(): Track {
  const empty = (value: number) => new Float64Array(COLUMNS).fill(value);
  const columns = { requests: empty(0), failed: empty(0), p50: empty(-1), p99: empty(-1), max: empty(-1) };
  return { requests: 0, failed: 0, latencies: createSecondLatencies(), columns };
}

function count(track: Track, failed: boolean, us: number | null): void {
  track.requests++;
  if (failed) track.failed++;
  if (us !== null) track.latencies.record(us);
}

function addSecond(columns: TrackColumns, column: number, { requests, failed, latencies }: Track): void {
  if (requests === 0) return;
  columns.requests[column] = (columns.requests[column] as number) + requests;
  columns.failed[column] = (columns.failed[column] as number) + failed;
  const quantiles = latencies.quantiles();
  if (quantiles === null) return;
  for (const key of ['p50', 'p99', 'max'] as const) {
    columns[key][column] = Math.max(columns[key][column] as number, quantiles[key]);
  }
}

function forget(track: Track): void {
  if (track.requests === 0) return;
  track.requests = 0;
  track.failed = 0;
  track.latencies.clear();
}

function copyOf(columns: TrackColumns): TrackColumns {
  const { requests, failed, p50, p99, max } = columns;
  return { requests: requests.slice(), failed: failed.slice(), p50: p50.slice(), p99: p99.slice(), max: max.slice() };
}

function joinPairs({ requests, failed, p50, p99, max }: TrackColumns): void {
  for (const counts of [requests, failed]) joinBy(counts, 0, (a, b) => a + b);
  for (const times of [p50, p99, max]) joinBy(times, -1, Math.max);
}

function joinBy(values: Float64Array, empty: number, join: (a: number, b: number) => number): void {
  const half = values.length / 2;
  for (let column = 0; column < half; column++) {
    values[column] = join(values[2 * column] as number, values[2 * column + 1] as number);
  }
  values.fill(empty, half);
}
