import type { WatchContext } from './watcher.js';

/** Records a subject's state where it is another than before. */
export function createStates({ record }: Pick<WatchContext, 'record'>) {
  const known = new Map<string, string | null>();
  return (subject: string, value: string | null, at?: number): void => {
    if (known.get(subject) === value && known.has(subject)) return;
    known.set(subject, value);
    record({ what: 'state', subject, value }, at);
  };
}
