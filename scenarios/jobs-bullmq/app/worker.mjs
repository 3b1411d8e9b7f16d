// Sends receipts. SIGTERM: takes no other job, finishes those it has, and ends.
import { readFileSync } from 'node:fs';
import { Worker } from 'bullmq';
import { connection, name, workerSettings } from './queue.mjs';
import { send } from './receipts.mjs';

const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const worker = new Worker(name, ({ data }) => send(data), { connection, ...workerSettings });
worker.on('ready', () => log({ event: 'ready' }));
worker.on('completed', (job, result) => log({ event: 'sent', id: job.id, result }));
worker.on('failed', (job, error) => log({ event: 'failed', id: job?.id, error: error.message }));
worker.on('stalled', (id) => log({ event: 'stalled', id }));
worker.on('error', (error) => log({ event: 'error', error: error.message }));

process.on('SIGTERM', async () => {
  await worker.close();
  log({ event: 'exit' });
  process.exit(0);
});

function log(fields) {
  console.log(JSON.stringify({ at: new Date().toISOString(), version, ...fields }));
}
