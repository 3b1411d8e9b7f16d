// Loaded into the process of the run: says its exit code when it ends, which a shell that was replaced by it cannot.
// Threads load it as well, and processes that it starts may: they have other ids.
import { isMainThread } from 'node:worker_threads';
import { setOutputs } from './workflow.mjs';

if (isMainThread && process.env.ZDD_ACTION_PID === String(process.pid)) {
  process.on('exit', (code) => setOutputs({ 'exit-code': code }));
}
