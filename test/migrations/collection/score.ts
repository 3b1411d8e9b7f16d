import type { Major } from './cases.ts';

/** What the tool says of one migration on one version of PostgreSQL. */
export interface Scored {
  name: string;
  major: Major;
  holdout: boolean;
  /** As measured. */
  unsafe: boolean;
  /** Whether each way to look at it calls it unsafe. */
  flagged: Record<Way, boolean>;
  /** What it says, for whoever looks into a miss. */
  said: Record<Way, string[]>;
}

export const WAYS = ['check', 'check with schema', 'check + trace'] as const;

export type Way = (typeof WAYS)[number];

export interface Confusion {
  unsafe: number;
  caught: number;
  safe: number;
  falselyFlagged: number;
}

export function confusionOf(scored: readonly Scored[], way: Way): Confusion {
  const unsafe = scored.filter((each) => each.unsafe);
  const safe = scored.filter((each) => !each.unsafe);
  return {
    unsafe: unsafe.length,
    caught: unsafe.filter(({ flagged }) => flagged[way]).length,
    safe: safe.length,
    falselyFlagged: safe.filter(({ flagged }) => flagged[way]).length,
  };
}

/** One line for each way, version and part of the collection. */
export function tableOf(scored: readonly Scored[]): string {
  const majors = [...new Set(scored.map(({ major }) => major))];
  const parts = [
    { part: 'all', members: scored },
    ...majors.map((major) => ({ part: `PostgreSQL ${major}`, members: scored.filter((each) => each.major === major) })),
    { part: 'not held out', members: scored.filter(({ holdout }) => !holdout) },
    { part: 'held out', members: scored.filter(({ holdout }) => holdout) },
  ];
  const lines = WAYS.flatMap((way) =>
    parts.map(({ part, members }) => {
      const { unsafe, caught, safe, falselyFlagged } = confusionOf(members, way);
      const cells = [`${caught} of ${unsafe} (${percent(caught, unsafe)})`, `${unsafe - caught}`];
      return [
        way,
        part,
        ...cells,
        `${falselyFlagged} of ${safe} (${percent(falselyFlagged, safe)})`,
        `${safe - falselyFlagged}`,
      ];
    }),
  );
  const head = ['by', 'part', 'unsafe: caught', 'unsafe: missed', 'safe: flagged', 'safe: passed'];
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Where a way is wrong. */
export function missesOf(scored: readonly Scored[], way: Way): Scored[] {
  return scored.filter(({ unsafe, flagged }) => unsafe !== flagged[way]);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`;
}
