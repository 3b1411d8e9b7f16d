/** Which release answered when, how much of the traffic it had, and how often it failed. Times are ms of the run. */
export interface VersionTimeline {
  /** In order of their first answer. */
  versions: TimedVersion[];
  /** How long answers of two versions interleaved in all. */
  overlapMs: number;
  /** The judged phases in which anything was answered. */
  steps: VersionStep[];
  /** What became of the new release; null where that was not asked, or too little was seen of its end. */
  takeover: Takeover | null;
  /** Old and new answers by turns though the last step that moves traffic was ready; null where there were none. */
  interleaving: Interleaving | null;
  /** Answers of the old release in steps after the last one that moves traffic; null where there were none. */
  sticky: StickyAnswers | null;
}

export interface TimedVersion {
  version: string;
  /** Whether it answered in the baseline already. */
  isOld: boolean;
  firstAt: number;
  lastAt: number;
  requests: number;
  failed: number;
}

/** One phase: what each version answered in it. */
export interface VersionStep {
  phase: number;
  name: string;
  /** In the order of `versions`; those with no answer are left out. */
  shares: VersionShare[];
  /** Failures that say no version: no connection, or an answer of a proxy. */
  failedUnknown: number;
}

export interface VersionShare {
  version: string;
  requests: number;
  /** Of the answers of the phase that say their version, 0 to 1. */
  share: number;
  failed: number;
}

/**
 * At the end of a release that was carried through: `whole` where only new versions answered, `most` and `part` of the
 * answers otherwise (half or more is most), `gone` where a new version had answered and did no more, `never` where none
 * did.
 */
export interface Takeover {
  kind: 'whole' | 'most' | 'part' | 'gone' | 'never';
  /** The new version that answered most; null where none did. */
  version: string | null;
  /** Of the answers from `from` to `to`, 0 to 1. */
  share: number;
  answers: number;
  from: number;
  to: number;
}

export interface Interleaving {
  phase: number;
  from: number;
  to: number;
  oldAnswers: number;
  newAnswers: number;
  /** How often 100 ms with old answers followed on 100 ms without, after the first. */
  returns: number;
}

export interface StickyAnswers {
  requests: number;
  fresh: number;
  reused: number;
  /** Of them, from a cache. */
  cached: number;
  /** The flows they belong to. */
  flows: string[];
  /** Names of the phases. */
  phases: string[];
}
