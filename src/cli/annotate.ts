import { githubAnnotations, MAX_ANNOTATIONS } from '../report/annotations.js';
import { checkoutPath } from './checkout-path.js';
import { comparisonAnnotations } from './compare-table.js';
import type { Results } from './results.js';

/** Workflow commands for GitHub Actions, one line each, as many as it shows: none anywhere else, or without results. */
export function annotationLines(results: Results | null, env: NodeJS.ProcessEnv): string[] {
  if (results === null || env.GITHUB_ACTIONS !== 'true') return [];
  const { judgement, comparison } = results;
  return [
    ...githubAnnotations(judgement, (file) => checkoutPath(file, env)),
    ...(comparison === undefined ? [] : comparisonAnnotations(comparison)),
  ].slice(0, MAX_ANNOTATIONS);
}
