// HAProxy's runtime API from the command line; `b/s` is server s of backend b.
//   haproxy.mjs --socket PATH drain b/s [--within 30s]   no new request goes there; waits until none is left
//   haproxy.mjs --socket PATH maint b/s | ready b/s      out of service (no health checks either) | in service
//   haproxy.mjs --socket PATH weight b/s=10 b/t=90       weights of 0 to 256
//   haproxy.mjs --socket PATH wait b/s UP [--within 10s] until the health check says so
//   haproxy.mjs --socket PATH sessions b/s              how many requests it is answering
//   haproxy.mjs --socket PATH info KEY                   a line of `show info`, such as Pid
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const ANSWER_MS = 5_000;
const ANSWER_BYTES = 4 * 1024 * 1024;
const LOOK_EVERY_MS = 100;
/** A request may be on its way to the server at the first look that shows none. */
const LOOKS_WITHOUT_REQUEST = 3;

process.on('uncaughtException', (error) => {
  console.error(`error: ${error.message}`);
  process.exit(1);
});

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { socket: { type: 'string' }, within: { type: 'string', default: '30s' } },
});
if (values.socket === undefined) throw new Error('--socket PATH is missing');
const [action, ...names] = positionals;
const withinMs = Number(/^(\d+)s$/.exec(values.within)?.[1] ?? Number.NaN) * 1000;
if (Number.isNaN(withinMs)) throw new Error(`--within ${values.within}: expected seconds, such as 30s`);

switch (action) {
  case 'drain':
    for (const name of names) await change(`set server ${name} state drain`);
    await Promise.all(names.map(drained));
    break;
  case 'maint':
  case 'ready':
    for (const name of names) await change(`set server ${name} state ${action}`);
    break;
  case 'weight':
    for (const [name, weight] of names.map((text) => text.split('=')))
      await change(`set server ${name} weight ${weight}`);
    break;
  case 'wait':
    await until(`${names[0]} is ${names[1]}`, async () => (await server(names[0])).status === names[1]);
    break;
  case 'sessions':
    console.log((await server(names[0])).scur);
    break;
  case 'info':
    console.log(await info(names[0]));
    break;
  default:
    throw new Error(`${action}: expected drain, maint, ready, weight, wait, sessions or info`);
}

async function drained(name) {
  const startedAt = performance.now();
  let idle = 0;
  await until(`no request is left at ${name}`, async () => {
    const { scur, qcur } = await server(name);
    idle = Number(scur) + Number(qcur) === 0 ? idle + 1 : 0;
    return idle === LOOKS_WITHOUT_REQUEST;
  });
  console.log(`${name}: no request is left after ${Math.round(performance.now() - startedAt)} ms`);
}

/** HAProxy answers a change with an empty line, and with words where it refuses. */
async function change(command) {
  const answer = await ask(command);
  if (answer !== '') throw new Error(`${command}: ${answer}`);
  console.log(command);
}

/** The columns of `show stat` for one server, by name. */
async function server(name) {
  const [head, ...rows] = (await ask('show stat')).split('\n').map((line) => line.split(','));
  const columns = head.map((column) => column.replace(/^# /, ''));
  const row = rows.find(([backend, server]) => `${backend}/${server}` === name);
  if (row === undefined) throw new Error(`HAProxy knows no server ${name}`);
  return Object.fromEntries(columns.map((column, index) => [column, row[index]]));
}

async function info(key) {
  const line = (await ask('show info')).split('\n').find((each) => each.startsWith(`${key}: `));
  if (line === undefined) throw new Error(`\`show info\` has no ${key}`);
  return line.slice(key.length + 2);
}

async function until(what, isSo) {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${values.within}: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}

/** One command a connection: HAProxy answers and closes. */
function ask(command) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(values.socket);
    let answer = '';
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error(`${command}: no answer within ${ANSWER_MS / 1000} s`)));
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.length > ANSWER_BYTES) socket.destroy(new Error(`${command}: the answer is too long`));
    });
    socket.on('error', (error) => reject(new Error(`${values.socket}: ${error.message}`)));
    // Even an empty answer is a line: without it HAProxy has ended, and nobody knows what became of the command.
    socket.on('end', () => (answer === '' ? reject(new Error(`${command}: no answer`)) : resolve(answer.trim())));
  });
}
