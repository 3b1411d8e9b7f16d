import type { LiveView } from '../../model/live.js';

/** From the run to the process that serves its page. */
export type ToLivePage =
  | { type: 'serve'; dir: string; port: number }
  | { type: 'view'; view: LiveView }
  /** `report.html` is written, or will not be. */
  | { type: 'finished' };

/** From the process that serves the page: once, whether it can be reached. */
export type FromLivePage = { type: 'loaded' } | { type: 'serving'; url: string } | { type: 'failed'; message: string };
