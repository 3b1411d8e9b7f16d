import type { VersionTimeline } from '../model/version-timeline.js';
import { round } from './summary.js';

/** The timeline in the words of `run.json`: times end in `Ms`. */
export function versionTimelineJson(timeline: VersionTimeline | null) {
  if (timeline === null) return null;
  const { versions, overlapMs, steps, takeover, interleaving, sticky } = timeline;
  return {
    versions: versions.map(({ firstAt, lastAt, ...version }) => ({
      ...version,
      firstMs: round(firstAt),
      lastMs: round(lastAt),
    })),
    overlapMs: round(overlapMs),
    steps: steps.map(({ name, shares, failedUnknown }) => ({ step: name, shares, failedUnknown })),
    takeover: takeover === null ? null : timed(takeover),
    interleaving: interleaving === null ? null : timed(interleaving),
    sticky,
  };
}

function timed<T extends { from: number; to: number }>({ from, to, ...rest }: T) {
  return { ...rest, fromMs: round(from), toMs: round(to) };
}
