import { messageOf } from '../../model/errors.js';
import { lowerPriority } from '../../platform/machine.js';
import { GrowingReport } from './growing-report.js';
import type { FromLivePage, ToLivePage } from './messages.js';
import { PageServer } from './page-server.js';

// Entry point of the process that serves the page of a run under way. It ends with the run, however that ends.
lowerPriority();
let pages: PageServer | null = null;
process.on('disconnect', () => process.exit());
process.on('message', (message: ToLivePage) => {
  if (message.type === 'serve') void serve(message.dir, message.port);
  else if (message.type === 'view') pages?.show(message.view);
  else void finish();
});
tell({ type: 'loaded' });

async function serve(dir: string, port: number): Promise<void> {
  try {
    pages = await PageServer.listen(new GrowingReport(dir), port);
    tell({ type: 'serving', url: pages.url });
  } catch (error) {
    tell({ type: 'failed', message: messageOf(error) });
  }
}

async function finish(): Promise<void> {
  await pages?.finish();
  process.exit();
}

function tell(message: FromLivePage): void {
  if (process.connected) process.send?.(message);
}
