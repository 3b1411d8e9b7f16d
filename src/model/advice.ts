/** A time that a run measured, ms, and what it was measured from, as sentences with numbers. */
export interface MeasuredTime {
  ms: number;
  from: string;
}

/** Times of a release that settings follow from; null where the run does not show one. */
export interface MeasuredTimes {
  /** From the start of a new process (else of the step's command) to the new release's first answer (else readiness). */
  boot: MeasuredTime | null;
  /** Longest request, from sent to its end, where nothing was released. */
  longestRequest: MeasuredTime | null;
  /**
   * From the start of the last step that moves traffic, where that is over at once, to the last answer of the old release.
   * In Kubernetes from the deletion of a pod to its leaving the rotation, or to the last answer after the last deletion.
   */
  oldAnswers: MeasuredTime | null;
  /** From the start of that step to the end of the last old process. */
  oldProcesses: MeasuredTime | null;
  /** How long the oldest connection that the release closed without notice had been idle. */
  idleAtReset: MeasuredTime | null;
  /** Idle age at which the target closes connections of its own accord. */
  ownIdleTimeout: MeasuredTime | null;
  /** Longest time in which requests waited in a migration. */
  migrationStall: MeasuredTime | null;
}

/** One setting that follows from what was measured. */
export interface Advice {
  /** For people: `gunicorn`, `load balancer`. */
  system: string;
  setting: string;
  /** As it stands in the system's configuration: `graceful_timeout = 30`. */
  line: string;
  value: number;
  unit: 's' | 'ms';
  /** How the value was worked out: `ceil(1.5 x 4.2 s)`. */
  formula: string;
  measured: string[];
  /** What else the reader should know; empty where there is nothing. */
  note: string;
}

export interface MeasuredAdvice {
  times: MeasuredTimes;
  advice: Advice[];
}
