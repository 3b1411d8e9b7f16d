import { parentPort, workerData } from 'node:worker_threads';
import { clockSince } from '../platform/clock.js';
import type { ProbesCommand, ProbesMessage, ProbesThreadData } from './protocol.js';
import { runAll } from './run.js';

const TICK_MS = 20;
/** A tick that is later than this is a pause: the thread was not running, or was busy with one thing. */
const PAUSE_MS = 50;

// Entry point of the probes' thread.
if (parentPort !== null) {
  const port = parentPort;
  const { plan, originNs } = workerData as ProbesThreadData;
  const clock = clockSince(originNs);
  const post = (message: ProbesMessage): void => port.postMessage(message);
  let dueAt = clock.now() + TICK_MS;
  const watch = setInterval(() => {
    const at = clock.now();
    if (at - dueAt > PAUSE_MS) post({ type: 'pause', from: dueAt, at });
    dueAt = at + TICK_MS;
  }, TICK_MS);
  post({ type: 'loaded' });
  const command = runAll(plan, clock, (message) => {
    post(message);
    if (message.type !== 'ended') return;
    clearInterval(watch);
    port.close();
  });
  port.on('message', (message: ProbesCommand) => command(message));
}
