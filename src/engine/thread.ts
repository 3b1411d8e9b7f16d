import { parentPort, workerData } from 'node:worker_threads';
import { clockSince } from '../platform/clock.js';
import type { StopMessage, ThreadData, ThreadMessage } from './protocol.js';
import { Sender } from './sender.js';

/** Between the schedule's start and its first arrival, ms: the first turn of the loop takes longer than others. */
const LEAD_MS = 50;

// Entry point of the sending thread. By now everything is loaded: only here can it be known when to begin.
if (parentPort !== null) {
  const port = parentPort;
  const { plan, originNs } = workerData as ThreadData;
  const clock = clockSince(originNs);
  const post = (message: ThreadMessage): void => port.postMessage(message);
  const at = clock.now();
  const firstDueAt = at + LEAD_MS;
  post({ type: 'started', at, firstDueAt });
  const sender = new Sender(plan, firstDueAt, clock, (message) => {
    post(message);
    if (message.type === 'ended') port.close();
  });
  port.on('message', (message: StopMessage) => {
    if (message.type === 'stop') sender.stop();
  });
}
