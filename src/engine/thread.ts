import { parentPort, workerData } from 'node:worker_threads';
import { clockSince } from '../platform/clock.js';
import { buffersOf } from './columns.js';
import type { ThreadCommand, ThreadData, ThreadMessage } from './protocol.js';
import { Sender } from './sender.js';

// Entry point of a sending thread. By now everything is loaded.
if (parentPort !== null) {
  const port = parentPort;
  const { plan, originNs, thread, shard } = workerData as ThreadData;
  const place = { sender: shard.index * plan.threads + thread, senders: shard.of * plan.threads };
  const clock = clockSince(originNs);
  const post = (message: ThreadMessage): void => {
    port.postMessage(message, message.type === 'samples' ? buffersOf(message.batch) : []);
    if (message.type === 'ended') port.close();
  };
  let sender: Sender | null = null;
  port.on('message', (command: ThreadCommand) => {
    if (command.type === 'start') sender = new Sender(plan, place, command.firstDueAt, clock, post);
    else sender?.command(command);
  });
  post({ type: 'loaded' });
}
