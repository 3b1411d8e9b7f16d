import type { LiveView } from '../../model/live.js';
import { clockSince, monotonicNs } from '../../platform/clock.js';
import { startDetached } from '../../platform/detached-process.js';
import type { FromLivePage, ToLivePage } from './messages.js';

/** The page of a run under way. */
export interface LivePage {
  url: string;
  /** What is known this second; shown at most twice a second. */
  update(view: LiveView): void;
  /** The report is written: those who watch get it, and the page is gone when this resolves, at the latest after 20 s. */
  finish(): Promise<void>;
}

const UPDATE_EVERY_NS = 500_000_000n;
const SERVE_WITHIN_MS = 15_000;
/** Some seconds are for those who watch; and it goes behind every other process. */
const FINISH_WITHIN_MS = 20_000;

/**
 * Serves the growing report of the run in `dir` on loopback, in a process of its own that neither the traffic nor the
 * release waits for, and that ends with this one. `port` 0 takes any free one. Throws where it cannot be served.
 */
export async function startLivePage(dir: string, port: number): Promise<LivePage> {
  const page = startDetached(new URL('./live-page-process.js', import.meta.url), null);
  const tell = (message: ToLivePage): Promise<void> => page.tell(message);
  const waiting = new AbortController();
  const url = await new Promise<string>((resolve, reject) => {
    void clockSince(monotonicNs())
      .sleep(SERVE_WITHIN_MS, waiting.signal)
      .then(
        () => reject(new Error(`it was not served within ${SERVE_WITHIN_MS / 1000} s`)),
        () => {},
      );
    page.onMessage((message) => {
      const said = message as FromLivePage;
      if (said.type === 'loaded') void tell({ type: 'serve', dir, port });
      if (said.type === 'serving') resolve(said.url);
      if (said.type === 'failed') reject(new Error(said.message));
    });
    void page.gone.then(() => reject(new Error('the process that serves it is gone')));
  })
    .catch((error) => {
      page.kill('SIGKILL');
      page.letGo();
      throw error;
    })
    .finally(() => waiting.abort());
  let toldAt = 0n;
  return {
    url,
    update: (view) => {
      const now = monotonicNs();
      if (now - toldAt < UPDATE_EVERY_NS) return;
      toldAt = now;
      void tell({ type: 'view', view });
    },
    finish: async () => {
      await tell({ type: 'finished' });
      const over = new AbortController();
      const late = clockSince(monotonicNs())
        .sleep(FINISH_WITHIN_MS, over.signal)
        .catch(() => {});
      await Promise.race([page.gone, late]);
      over.abort();
      page.kill('SIGKILL');
      page.letGo();
    },
  };
}
