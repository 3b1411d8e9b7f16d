import { parentPort, workerData } from 'node:worker_threads';
import { clockSince } from '../platform/clock.js';
import type { StopMessage, ThreadData, ThreadMessage } from './protocol.js';
import { Sender } from './sender.js';

// Entry point of the sending thread.
if (parentPort !== null) {
  const port = parentPort;
  const data = workerData as ThreadData;
  const post = (message: ThreadMessage): void => port.postMessage(message);
  const sender = new Sender(data, clockSince(data.originNs), (message) => {
    post(message);
    if (message.type === 'ended') port.close();
  });
  port.on('message', (message: StopMessage) => {
    if (message.type === 'stop') sender.stop();
  });
}
