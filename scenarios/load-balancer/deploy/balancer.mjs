// What a cloud's load balancer offers to a deploy, over HAProxy's runtime API.
//   balancer.mjs deregister TARGET SECONDS  no new request from now on; what is open after SECONDS is cut (deregistration delay)
//   balancer.mjs register TARGET            it gets requests as soon as it has passed enough health checks
//   balancer.mjs in-service TARGET          waits until it has
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const SOCKET = `${process.env.ROOT}/run/haproxy.sock`;
const [action, target, seconds] = process.argv.slice(2);
const server = `targets/${target}`;

switch (action) {
  case 'deregister':
    await change(`set server ${server} state drain`);
    await delay(Number(seconds) * 1000);
    await change(`shutdown sessions server ${server}`);
    break;
  case 'register':
    await change(`set server ${server} state ready`);
    break;
  case 'in-service':
    await inService(20_000);
    break;
  default:
    throw new Error(`${action}: expected deregister, register or in-service`);
}
console.log(`${action} ${target}: ${await health()}`);

async function inService(withinMs) {
  const until = performance.now() + withinMs;
  for (let now = await health(); now !== 'UP'; now = await health()) {
    if (performance.now() > until) throw new Error(`${target} is not in service after ${withinMs / 1000} s: ${now}`);
    await delay(50);
  }
}

/** `UP`, `DOWN`, `DRAIN`, or on the way from one to the other, such as `DOWN 3/5`. */
async function health() {
  const [head, ...rows] = (await ask('show stat')).split('\n').map((line) => line.replace(/^# /, '').split(','));
  const row = rows.find(([backend, name]) => backend === 'targets' && name === target);
  if (row === undefined) throw new Error(`there is no target ${target}`);
  return row[head.indexOf('status')];
}

/** HAProxy answers a change with an empty line, and with words where it refuses. */
async function change(command) {
  const answer = (await ask(command)).trim();
  if (answer !== '') throw new Error(`${command}: ${answer}`);
}

async function ask(command) {
  const socket = net.connect(SOCKET);
  socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${command}`)));
  socket.write(`${command}\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text;
}
