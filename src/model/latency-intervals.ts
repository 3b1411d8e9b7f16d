/** The p99 of the baseline and of what came after, with intervals. Milliseconds, end - due. */
export interface LatencyIntervals {
  /** 0.99. */
  quantile: number;
  /** Of each interval, and of each ratio's. */
  confidence: number;
  baseline: LatencyInterval;
  /** The whole run first, then each step. */
  rows: (LatencyInterval & {
    /** `run` for everything after the baseline, else the step's name. */
    phase: string;
    ratio: RatioInterval;
  })[];
}

export interface LatencyInterval {
  samples: number;
  /** Null without samples. */
  estimate: number | null;
  /** Null where the samples are too few for a limit. */
  lower: number | null;
  upper: number | null;
}

/** What came after over the baseline; `moved` where the interval does not hold 1. */
export interface RatioInterval {
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  moved: 'slower' | 'faster' | null;
}
