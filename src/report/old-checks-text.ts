import type { OldCheck, OldCheckSays } from '../model/old-checks.js';

export const SAYS_TEXT: Record<OldCheckSays, string> = {
  pass: 'pass',
  fail: 'fail',
  unsure: 'pass or fail',
  nothing: 'nothing',
};

export const OLD_CHECKS_INTRO =
  'Worked out from the record of this run; none of these checks was run. GETs of the mix on fresh connections stand for those of the loop, as nobody asked /health. Numbers are exact, or bounds where they say at least or at most.';

/** Things one row names at most; `run.json` has all. */
const NAMED = 6;

/** What a check would have missed, at most so many, with how many more there are. */
export function missedOf({ missed }: OldCheck): string[] {
  if (missed.length === 0) return ['nothing that this run found'];
  const more = missed.length - NAMED;
  return more > 0 ? [...missed.slice(0, NAMED), `and ${more} more`] : missed;
}

/**
 * The old checks as a Markdown section, empty without any. `inert` makes text inert for Markdown, cut to a number of
 * characters: names of flows and versions are not ours.
 */
export function oldChecksTable(checks: readonly OldCheck[], inert: (text: string, max?: number) => string): string {
  if (checks.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = checks.map((check) =>
    line([
      inert(check.what, 120),
      SAYS_TEXT[check.says],
      inert(check.numbers, 160),
      missedOf(check)
        .map((text) => inert(text, 200))
        .join('<br>'),
    ]),
  );
  return [
    '### What the old check would have said',
    '',
    OLD_CHECKS_INTRO,
    '',
    line(['check', 'says', 'numbers', 'would have missed']),
    line(['---', '---', '---', '---']),
    ...rows,
  ].join('\n');
}
