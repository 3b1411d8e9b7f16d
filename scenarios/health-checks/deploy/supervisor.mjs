// Usage: supervisor.mjs SERVER: what a container platform does with a liveness probe. Runs the server, asks /livez, and
// kills and starts it again after two bad answers in a row. SIGTERM ends both.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 400;
const ANSWER_MS = 400;
const BAD_ANSWERS = 2;
const START_MS = 3000;

const [server] = process.argv.slice(2);
let ending = false;
let child = null;

process.on('SIGTERM', () => {
  ending = true;
  child?.kill('SIGTERM');
});

while (!ending) {
  child = spawn(process.execPath, [server], { stdio: 'inherit' });
  const gone = once(child, 'exit');
  await Promise.race([gone, watch(child, performance.now())]);
  await gone;
  if (!ending) log('starting it again');
}

async function watch(child, startedAt) {
  let bad = 0;
  while (child.exitCode === null && child.signalCode === null && !ending) {
    await delay(EVERY_MS);
    const problem = await live();
    bad = problem === null || performance.now() - startedAt < START_MS ? 0 : bad + 1;
    if (bad < BAD_ANSWERS || ending) continue;
    log(`killed: /livez ${problem}`);
    child.kill('SIGKILL');
    return;
  }
}

async function live() {
  try {
    const { status } = await fetch(`http://127.0.0.1:${process.env.LISTEN}/livez`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return status === 200 ? null : `answers ${status}`;
  } catch (error) {
    return `does not answer (${error.cause?.code ?? error.name})`;
  }
}

function log(text) {
  console.log(JSON.stringify({ at: new Date().toISOString(), supervisor: process.pid, event: text }));
}
