import { BUCKET_MS, type Bucket } from '../../model/run.js';
import type { Attributed } from './attribution.js';
import { hasLatency, increment, latencyOf } from './cells.js';
import { toMicros } from './resolution.js';

export interface BucketLog {
  sample(a: Attributed): void;
  /** Without holes from the first to the last; an empty one says that nothing ended. */
  buckets(): Bucket[];
}

/** The timeline: what ended in each 100 ms. Latencies are held for the newest bucket alone, and are exact there. */
export function createBucketLog(timeoutMs: number): BucketLog {
  const buckets: Bucket[] = [];
  let first = 0;
  let latencies: number[] = [];

  const settle = () => {
    const newest = buckets.at(-1);
    if (newest !== undefined) setLatencies(newest, latencies);
  };

  const bucketAt = (index: number): Bucket => {
    if (buckets.length === 0) first = index;
    while (first + buckets.length <= index) {
      settle();
      latencies = [];
      buckets.push(emptyBucket((first + buckets.length) * BUCKET_MS));
    }
    return buckets[index - first] as Bucket;
  };

  return {
    sample(a) {
      const bucket = bucketAt(Math.floor(a.at / BUCKET_MS));
      const { outcome, version } = a.sample;
      if (outcome.kind === 'unsent') {
        bucket.unsent++;
        return;
      }
      bucket.requests++;
      if (outcome.kind === 'blocked') return;
      if (outcome.kind === 'retryable') bucket.retryable++;
      else if (outcome.kind !== 'ok') {
        bucket.failed++;
        increment(bucket.byError, outcome.cause);
      }
      if (version !== null) increment(bucket.byVersion, version);
      if (hasLatency(outcome.kind)) latencies.push(toMicros(latencyOf(a, timeoutMs).sinceDue));
    },
    buckets() {
      settle();
      return buckets.slice();
    },
  };
}

function emptyBucket(at: number): Bucket {
  return {
    at,
    requests: 0,
    failed: 0,
    retryable: 0,
    unsent: 0,
    byError: {},
    byVersion: {},
    minMs: null,
    p50Ms: null,
    p99Ms: null,
    maxMs: null,
  };
}

function setLatencies(bucket: Bucket, latencies: number[]): void {
  const sorted = Float64Array.from(latencies).sort();
  const at = (quantile: number) => sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? null;
  bucket.minMs = sorted[0] ?? null;
  bucket.p50Ms = at(0.5);
  bucket.p99Ms = at(0.99);
  bucket.maxMs = sorted.at(-1) ?? null;
}
