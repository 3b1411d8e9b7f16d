import type { Share } from '../model/release.js';
import type { Sample } from '../model/sample.js';

/** How many requests have ended since it was asked for. */
export interface RequestCount {
  count(): number;
  stop(): void;
}

/** Counts requests as they are recorded, for those who wait for a number of them. */
export class RequestCounts {
  readonly #counting = new Set<{ share: Share; count: number }>();

  /** What was not sent, and what a rate limiter answered, says nothing of the app. */
  sample({ outcome, version, flow }: Pick<Sample, 'outcome' | 'version' | 'flow'>): void {
    if (outcome.kind === 'unsent' || outcome.kind === 'blocked') return;
    for (const counting of this.#counting) {
      const { share } = counting;
      const isOfFlow = share.flow === null || share.flow === flow;
      if (isOfFlow && (share.version === null || share.version === version)) counting.count += 1;
    }
  }

  begin(share: Share): RequestCount {
    const counting = { share, count: 0 };
    this.#counting.add(counting);
    return { count: () => counting.count, stop: () => this.#counting.delete(counting) };
  }
}
