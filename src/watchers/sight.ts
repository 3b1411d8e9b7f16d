import type { WatchContext } from './watcher.js';

/** Says when a watcher begins to see and when it no longer does, each once. */
export interface Sight {
  sees(): void;
  blind(detail: string): void;
}

export function createSight({ record }: Pick<WatchContext, 'record'>): Sight {
  let state: 'unknown' | 'sees' | 'blind' = 'unknown';
  return {
    sees() {
      if (state === 'sees') return;
      state = 'sees';
      record({ what: 'sees' });
    },
    blind(detail) {
      if (state === 'blind') return;
      state = 'blind';
      record({ what: 'blind', detail });
    },
  };
}
