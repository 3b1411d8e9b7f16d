/** A silence is out of the ordinary when it is this many times as long as the longest before the release. */
const ORDINARY_FACTOR = 3;

/** Silences of event streams that are open. */
export interface Silences {
  /** What is heard is still the ordinary, as long as nothing is released. */
  learning: boolean;
  /** The longest so far, ms. */
  readonly longestMs: number;
  /** A stream has been silent for so long by now; true where that is out of the ordinary. */
  heard(silentMs: number): boolean;
}

/** `gapMs`: a shorter silence is never out of the ordinary; 0: none is. */
export function silencesOf(gapMs: number): Silences {
  let longestMs = 0;
  let ordinaryMs = 0;
  return {
    learning: true,
    get longestMs() {
      return longestMs;
    },
    heard(silentMs) {
      longestMs = Math.max(longestMs, silentMs);
      if (this.learning) ordinaryMs = longestMs;
      return !this.learning && gapMs > 0 && silentMs > Math.max(gapMs, ORDINARY_FACTOR * ordinaryMs);
    },
  };
}
