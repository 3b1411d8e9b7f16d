/** A way to watch a release that many teams have, and what it would have made of this run. */
export interface OldCheck {
  name: 'health-loop' | 'retrying-generator' | 'error-rate' | 'no-errors';
  /** For people: `curl on /health every 100 ms`. */
  what: string;
  /** `unsure` where only bounds follow from the record, and 0 lies between them; `nothing` where there was nothing to see. */
  says: OldCheckSays;
  /** How many checks or requests would have failed, by what the record can tell. */
  failed: { atLeast: number; atMost: number };
  /** Of how many; for the loop, at most. */
  of: number;
  /** The numbers as a sentence. */
  numbers: string;
  /** What it would not have noticed, one sentence each. */
  missed: string[];
  /** How this is worked out, and what it cannot know. */
  basis: string;
}

export type OldCheckSays = 'pass' | 'fail' | 'unsure' | 'nothing';
