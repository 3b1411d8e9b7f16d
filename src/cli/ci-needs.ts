import type { Needs } from './init/needs.js';

/** The commit that a job is about, as each system has it. */
export const COMMIT = { github: '${{ github.sha }}', gitlab: '$CI_COMMIT_SHA', jenkins: '$GIT_COMMIT' } as const;

/** The release, for which a job knows a value, and the variables for which somebody has to give one. */
export function splitNeeds({ variables }: Needs): { hasRelease: boolean; others: Needs['variables'] } {
  const others = variables.filter(({ name }) => name !== 'RELEASE');
  return { hasRelease: others.length < variables.length, others };
}

/** What a comment says of a variable without a value, on one line. */
export function todoText({ name, about }: Needs['variables'][number]): string {
  const words = about.replace(/[\p{C}\s]+/gu, ' ').trim();
  return `TODO: the scenario needs ${name}${words === '' ? '' : ` (${words})`}`;
}
