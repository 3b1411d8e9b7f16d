import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

const CONTRACTS =
  /\b(?:drop|rename|set\s+not\s+null|add\s+(?:constraint|check|unique|primary|foreign)|set\s+data\s+type)\b/i;

const MOMENT_MS = 1500;

export const contractTooEarly: Cause = {
  name: 'contract-too-early',
  mode: 29,
  claim:
    'The schema no longer fits the code that is running: something that it still uses was dropped, renamed or tightened.',
  signature:
    '500 on the routes that use it, from the migration until the new code answers; again after a rollback of the code.',
  because: 'A contracting change ran before the last code that uses the old shape was gone.',
  remedy:
    'Expand, migrate, contract: the step that removes comes a release later, and a rollback must not need what is gone.',
  references: [],
  signs: (v) => [
    must(v.appError > 0.6, 'the app answered 5xx', 1),
    sign(v.kind === 'migrate' ? true : v.role === 'release' ? false : null, 3, 'from the migration on'),
    sign(
      v.versionsFailed.length === 0 ? null : v.versionsFailed.every((version) => v.versionsBefore.includes(version)),
      2,
      'the old code answered them',
    ),
    sign(v.flowsSpared.length > 0, 2, 'on some routes only'),
    sign(isBurst(v) ? false : null, 6, 'until the old code was gone'),
    sign(v.role !== 'release' && v.hasMigrate ? true : null, 3, 'after the old code came back to the new schema'),
    sign(v.processes.appUntouched, 1, 'no process was replaced', 0),
    sign(
      v.locks.changes.some((statement) => CONTRACTS.test(statement)) ? true : null,
      2,
      'a statement that drops, renames or tightens was seen to wait, or to be waited for',
    ),
    sign(
      v.lines(/column|relation|does not exist|no such column|not-null|violates/i).length > 0 ? true : null,
      2,
      'a log names a column or relation',
    ),
  ],
};

/** Several failures in a moment, and no more of them though the same processes went on: they learned from it. */
function isBurst({ failed, durationMs, recovered, processes }: Parameters<Cause['signs']>[0]): boolean {
  return failed >= 3 && durationMs < MOMENT_MS && recovered && processes.appUntouched === true;
}
