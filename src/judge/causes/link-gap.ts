import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const linkGap: Cause = {
  name: 'link-gap',
  mode: null,
  claim: 'The link to the live release was away for a moment: it was removed and made again.',
  signature: 'A burst of 404 or 500 of a few milliseconds, at the switch, of what is read through the link.',
  because: '`rm` and `ln -s`, or `ln -sfn` where it unlinks first, leave a time without a link.',
  remedy: 'Make the new link under another name and rename it over the old one.',
  fixes: { nginx: '`ln -s releases/NEW .current && mv -T .current current`.' },
  references: [],
  signs: (v) => [
    must(v.appError + v.wrongAnswer + v.gateway > 0.8, 'wrong answers', 0),
    sign(wasAway(v), 8, 'the watched link was away at that time'),
    sign(v.durationMs < 2500, 2, 'for a moment'),
    sign(v.kind === 'switch', 2, 'in the switch'),
    sign(v.processes.appUntouched, 1, 'no process was replaced', 0),
  ],
};

function wasAway({ run, incident }: Parameters<Cause['signs']>[0]): boolean | null {
  const links = run.watchers.filter(({ kind }) => kind === 'link');
  if (links.length === 0) return null;
  return links.some(({ states }) =>
    states.some(({ at, value }) => value === null && at >= incident.from - 1500 && at <= incident.to + 500),
  );
}
