import type { Judgement } from '../model/verdict.js';
import { actualText, limitText, thresholdState } from './judged.js';
import { visible } from './text.js';

/** GitHub shows at most ten of a step. */
export const MAX_ANNOTATIONS = 10;

/**
 * Workflow commands for GitHub Actions, one line each, for thresholds that do not stand and whose place in the
 * scenario is known; errors first. GitHub knows files by their path from the top of the checkout: `pathOf` gives it.
 */
export function githubAnnotations(
  { thresholds }: Judgement,
  pathOf: (file: string) => string = (file) => file,
): string[] {
  const entries = thresholds.flatMap((threshold) => {
    const state = thresholdState(threshold);
    if (threshold.source === null || state === 'kept' || state === 'silent') return [];
    const command = state === 'warning' ? 'warning' : 'error';
    const { file, line } = threshold.source;
    const title = `${threshold.name} ${threshold.expression}`;
    const verb = state === 'unproven' ? 'cannot be judged' : 'crossed';
    const note = threshold.note === '' ? '' : ` (${threshold.note})`;
    const message = `${title} ${verb} in ${threshold.phase}: measured ${actualText(threshold)}, limit ${limitText(threshold)}${note}`;
    const properties = `file=${property(pathOf(file))},line=${line},title=${property(`zdd-verify: ${title}`)}`;
    return [{ rank: command === 'error' ? 0 : 1, text: `::${command} ${properties}::${data(message)}` }];
  });
  return entries
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_ANNOTATIONS)
    .map(({ text }) => text);
}

function data(text: string): string {
  return visible(text).replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function property(text: string): string {
  return data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}
