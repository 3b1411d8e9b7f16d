import type { Deploys } from '../model/deploys.js';
import { formatShare } from '../model/units.js';
import { visible } from './text.js';

/** Deploys that are named at most, of each kind. */
const NAMED = 10;

/**
 * What repeated deploys prove, for the terminal: `0 of 20 deploys were bad: at most 13.9 % of deploys like these are
 * (95 %, independent deploys assumed).`
 */
export function deploysLines(found: Deploys): string[] {
  const { planned, deploys, bad, inconclusive, runs } = found;
  const upper = formatShare(found.badRateUpper95);
  return [
    deploys === 0
      ? 'No deploy proves anything: nothing can be said of the next one.'
      : `${bad} of ${countText(deploys)} ${bad === 1 ? 'was' : 'were'} bad: at most ${upper} of deploys like ${deploys === 1 ? 'this' : 'these'} are (95 %, independent deploys assumed).`,
    ...named(runs, 'bad', 'bad'),
    ...(inconclusive === 0
      ? []
      : [
          `${countText(inconclusive)} ${inconclusive === 1 ? 'proves' : 'prove'} nothing, and ${inconclusive === 1 ? 'counts' : 'count'} as neither:`,
        ]),
    ...named(runs, 'inconclusive', 'inconclusive'),
    ...(runs.length < planned ? [`${planned - runs.length} of ${planned} were not run.`] : []),
  ];
}

/** The file `deploys.json`, which ends with a newline. `badRateUpper95` is a share, 0 to 1. */
export function deploysJson(found: Deploys): string {
  return `${JSON.stringify({ schema: 'zdd-verify/deploys/v1', ...found }, null, 2)}\n`;
}

function named(runs: Deploys['runs'], kind: Deploys['runs'][number]['counts'], word: string): string[] {
  const own = runs.filter(({ counts }) => counts === kind);
  const lines = own.slice(0, NAMED).map(({ headline, dir }) => `  ${word}: ${visible(headline)} ${visible(dir)}`);
  return own.length > NAMED ? [...lines, `  and ${own.length - NAMED} more`] : lines;
}

function countText(count: number): string {
  return count === 1 ? '1 deploy' : `${count} deploys`;
}
