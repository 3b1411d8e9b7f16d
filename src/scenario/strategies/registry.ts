import { z } from 'zod';
import { didYouMean, oneOf, show } from '../suggest.js';
import { canary } from './canary.js';
import { gunicornSymlink } from './gunicorn-symlink.js';
import { haproxyDrain } from './haproxy-drain.js';
import { kubernetes } from './kubernetes.js';
import { nginxBlueGreen } from './nginx-blue-green.js';
import { pm2Reload } from './pm2-reload.js';
import { rolling } from './rolling.js';
import type { Strategy } from './strategy.js';
import { swarm } from './swarm.js';
import { systemdReload } from './systemd-reload.js';

/** Every way to release that a scenario can name; a file each. */
export const STRATEGIES: readonly Strategy[] = [
  gunicornSymlink,
  systemdReload,
  pm2Reload,
  nginxBlueGreen,
  haproxyDrain,
  rolling,
  canary,
  swarm,
  kubernetes,
];

export const STRATEGY_NAMES = STRATEGIES.map(({ name }) => name) as [string, ...string[]];

/** `strategy`: one of them with its options, or its name alone where each option has a value of its own. */
export const strategySchema = z
  .union(
    [
      z.enum(STRATEGY_NAMES),
      z.strictObject(Object.fromEntries(STRATEGIES.map(({ name, options }) => [name, options.optional()]))),
    ],
    {
      error: ({ input }) => {
        const meant = typeof input === 'string' ? meantBy(input) : '';
        return `expected one of ${oneOf(STRATEGY_NAMES)} with its options, got ${show(input)}${meant}`;
      },
    },
  )
  .meta({
    description:
      'A known way to release: it stands for steps, rollback, watchers and thresholds. Own steps may stand beside it.',
  });

/** Also by the beginning of a name: `gunicorn`. */
function meantBy(word: string): string {
  const longer = STRATEGY_NAMES.find((name) => name.startsWith(`${word}-`));
  return didYouMean(word, STRATEGY_NAMES) || (longer === undefined ? '' : `; did you mean \`${longer}\`?`);
}
