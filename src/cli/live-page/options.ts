import { ZddError } from '../../model/errors.js';
import { openInBrowser } from '../../platform/browser.js';
import type { ExecuteOptions } from '../execute.js';

export interface LivePageOptions {
  ui?: boolean;
  uiPort?: string;
  open?: boolean;
}

/** What `--ui`, `--ui-port` and `--open` ask for; undefined without a live page. Throws USAGE. */
export function livePageOf({ ui, uiPort, open }: LivePageOptions): ExecuteOptions['ui'] {
  if (!ui) {
    if (uiPort === undefined) return undefined;
    throw new ZddError('USAGE', '--ui-port goes with --ui');
  }
  const port = Number(uiPort ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ZddError('USAGE', `--ui-port takes a port from 1 to 65535, or 0 for any, not ${uiPort}`);
  }
  return { port, onServing: (url) => void (open && openInBrowser(url)) };
}
