import type { Run } from '../model/run.js';
import { formatMs } from '../model/units.js';
import type { Judgement } from '../model/verdict.js';
import { atSeconds, clip } from './text.js';

/** What is released, as far as it is known, and when it was there: `Deployed: v2, commit 1f3c9ab, at 12.4 s`. */
export function releaseFact({ header }: Run, { deployedAt }: Judgement): { label: string; text: string } | null {
  const { name = null, git = null, gitFrom = null } = header.release ?? {};
  const parts = [
    ...(name === null ? [] : [clip(name, 80)]),
    ...(git === null
      ? []
      : [`commit ${clip(git, 12)}${gitFrom === 'repository' ? " (the scenario's repository)" : ''}`]),
    ...(deployedAt === null ? [] : [`at ${atSeconds(deployedAt)}`]),
  ];
  if (parts.length === 0) return null;
  return { label: deployedAt === null ? 'Release' : 'Deployed', text: parts.join(', ') };
}

/** When the release was deployed, as a time of day; null where it was not. */
export function deployedTime({ header }: Run, { deployedAt }: Judgement): string | null {
  const startedAt = Date.parse(header.startedAt);
  if (deployedAt === null || Number.isNaN(startedAt)) return null;
  return new Date(startedAt + deployedAt).toISOString();
}

/** A line for each hook that ran: `hook on rolled-back: done in 1.2 s`. */
export function hookLines(hooks: Run['hooks']): string[] {
  return hooks.map(({ event, ms, problem }) => `hook on ${event}: ${problem ?? `done in ${formatMs(ms)}`}`);
}

/** A line for each host: how its clock stands to the one of the run. */
export function clockText({ offsetMs, uncertaintyMs }: Run['hosts'][number]): string {
  const way = offsetMs < 0 ? 'behind' : 'ahead';
  return `${formatMs(Math.abs(offsetMs))} ${way}, give or take ${formatMs(uncertaintyMs)}`;
}
