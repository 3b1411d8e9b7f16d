import { type Random, randomFor } from '../../model/random.js';

/** Latencies of one flow in one step of one run, in the order they were due. */
export interface Series {
  /** Latencies, whole microseconds, up to 2^30 (18 minutes); later ones count as this. */
  micros: Uint32Array;
  /** When each was due, ms since the step's start; 0 where it was due before it. */
  at: Float32Array;
  /** Length of the step, ms. */
  durationMs: number;
  /** Requests there were in all; `micros` holds one of every so many. */
  seen: number;
}

/** Latencies that are kept of one series at most, 128 KiB of them; a power of two. */
const SERIES_KEPT = 2 ** 14;
const LONGEST_US = 2 ** 30 - 1;

export interface SeriesKeeper {
  add(atMs: number, latencyMs: number): void;
  series(durationMs: number): Series;
}

/**
 * Keeps a series in bounded memory: all of it up to `most`, and from then on one of every 2, 4, 8, ... requests in turn.
 * Which of them is drawn, seeded by `key`: a fixed one would see only every second kind of request where two kinds take
 * turns (stratified sampling; Cochran, Sampling Techniques, 1977, 8.5). Every quantile stays unbiased, the order stays, and
 * the same requests give the same series.
 */
export function keepSeries(key: string, most: number = SERIES_KEPT): SeriesKeeper {
  const random = randomFor(key);
  let micros = new Uint32Array(Math.min(most, 256));
  let at = new Float32Array(micros.length);
  let kept = 0;
  let seen = 0;
  let stride = 1;
  let within = 0;

  const put = (place: number, atMs: number, latencyMs: number): void => {
    micros[place] = Math.min(LONGEST_US, Math.max(0, Math.round(latencyMs * 1000)));
    at[place] = Math.max(0, atMs);
  };
  const grow = (): void => {
    const length = Math.min(most, 2 * micros.length);
    const before = { micros, at };
    micros = new Uint32Array(length);
    at = new Float32Array(length);
    micros.set(before.micros);
    at.set(before.at);
  };
  const halve = (): void => {
    for (let place = 0; place < kept / 2; place++) {
      const from = 2 * place + coin(random);
      micros[place] = micros[from] as number;
      at[place] = at[from] as number;
    }
    kept /= 2;
    stride *= 2;
  };

  return {
    add(atMs, latencyMs) {
      seen++;
      within++;
      // The one that is kept of those of a stride: each with the same probability (reservoir of one).
      if (within === 1) {
        if (kept === most) halve();
        if (kept === micros.length) grow();
        put(kept, atMs, latencyMs);
      } else if (random() * within < 1) put(kept, atMs, latencyMs);
      if (within < stride) return;
      kept++;
      within = 0;
    },
    series: (durationMs) => ({ micros: micros.slice(0, kept), at: at.slice(0, kept), durationMs, seen }),
  };
}

function coin(random: Random): 0 | 1 {
  return random() < 0.5 ? 0 : 1;
}
