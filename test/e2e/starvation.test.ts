import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { type CliResult, type Workplace, workplace } from './run-cli.ts';
import { occurred } from './run-json.ts';
import { CAN_BE_SCARCE, canCutCpu, cores, cpuGroup, nameServer, needProgram, type Room, room } from './scarcity.ts';
import { smallScenario, TRAFFIC, tell } from './scenarios.ts';

/**
 * Whatever the harness lacks makes a run inconclusive, with the reason and what helps. A target that fails its users
 * at the same time is downtime all the same.
 */
const WHAT = [
  { target: 'a good target', isFailing: false },
  { target: 'a target that resets every 20th request', isFailing: true },
];

let place: Workplace;
let leaving: (() => Promise<unknown>)[];
beforeEach(() => {
  place = workplace();
  leaving = [];
});
afterEach(async () => {
  const left = await place.leave();
  for (const leave of leaving.reverse()) await leave();
  expect(left).toEqual([]);
});

const CAN_CUT_CPU = CAN_BE_SCARCE && canCutCpu();
if (!CAN_BE_SCARCE) console.warn('starvation.test.ts is left out: it needs root on Linux');
else if (!CAN_CUT_CPU) console.warn('the control group test is left out: no control group can be made here');

interface Want {
  isFailing: boolean;
  server: FaultServer;
  /** What the harness says of itself. */
  reason: RegExp;
}

/** A good target: nothing is proven. A failing one: exactly what it did, whatever else happened. */
async function expectTruth({ code, runJson, stderr }: CliResult, { isFailing, server, reason }: Want): Promise<void> {
  const resets = (await server.counts()).faults.rst?.total ?? 0;
  const context = `exit ${code}\n${runJson?.reasons.join('\n')}\n${stderr}`;
  expect(runJson, context).toMatchObject({
    verdict: isFailing ? 'downtime' : 'inconclusive',
    release: 'completed',
    generator: { healthy: false },
  });
  expect(runJson?.reasons, context).toContainEqual(expect.stringMatching(reason));
  expect(occurred(runJson?.totals.byError ?? {}), context).toEqual(resets === 0 ? {} : { reset: resets });
  expect(resets > 0, context).toBe(isFailing);
  expect(code, context).toBe(isFailing ? 99 : 98);
}

/** The first step of each run: from here on the target does what it is to do. */
function begin(server: FaultServer, isFailing: boolean): object {
  const rule = { do: 'fault', fault: 'rst', every: 20, path: TRAFFIC };
  const run = isFailing ? tell(server, rule, { do: 'until', fault: 'rst', total: 1 }) : 'true';
  return { name: 'begin', run, timeout: '20s', hold: '300ms' };
}

/** For a target that stalls for less than the limit: that is no downtime, and its latency is not the subject. */
const STALLED = { latency: ['p(99)<10000'] };

/** A port of no range that connections are given ports of. */
const PORT = 20_080;

async function serverIn(through: string[]): Promise<FaultServer> {
  const server = await startFaultServer({ version: 'v1', port: PORT, through });
  leaving.push(() => server.stop());
  return server;
}

async function roomWith(setup: string): Promise<Room> {
  const found = await room(setup);
  leaving.push(() => found.leave());
  return found;
}

describe.skipIf(!CAN_BE_SCARCE)('a harness without', () => {
  it.each(WHAT)('local ports, and $target', async ({ isFailing }) => {
    const { through } = await roomWith(
      'echo 30000 30199 > /proc/sys/net/ipv4/ip_local_port_range; echo 0 > /proc/sys/net/ipv4/tcp_tw_reuse',
    );
    const server = await serverIn(through);
    const steps = [begin(server, isFailing), { name: 'deploy', run: 'true', hold: '4s' }];
    const scenario = smallScenario({ url: server.url, steps, keepalive: '0%' });
    const result = await place.run(['run', place.scenario(scenario)], {}, undefined, through);
    await expectTruth(result, {
      isFailing,
      server,
      reason: /not sent \(ports\) in .*deploy: no local port .*ip_local_port_range, or raise connections\.keepalive/,
    });
  });

  // The cap on requests in flight knows the limit that the run began with, and nothing of one that is lowered under it.
  it.each(WHAT)('descriptors, and $target', async ({ isFailing }) => {
    needProgram('prlimit', 'util-linux');
    const server = await serverIn([]);
    const stall = { name: 'migrate', run: tell(server, { do: 'stall', forMs: 700 }), hold: '1s' };
    const cut = { name: 'cut', run: 'prlimit --pid $PPID --nofile=100', hold: '100ms' };
    const steps = [begin(server, isFailing), cut, stall];
    const scenario = smallScenario({ url: server.url, steps, rate: '300/s', keepalive: '0%', thresholds: STALLED });
    const result = await place.run(['run', place.scenario(scenario)], {}, '-n 1024');
    await expectTruth(result, {
      isFailing,
      server,
      reason: /not sent \(descriptors\) in migrate: the limit of 100 on open files .*ulimit -n 4096/,
    });
  });

  it.each(WHAT)('descriptors from the start, and $target', async ({ isFailing }) => {
    const server = await serverIn([]);
    const stall = { name: 'migrate', run: tell(server, { do: 'stall', forMs: 700 }), hold: '1s' };
    const steps = [begin(server, isFailing), stall];
    const scenario = smallScenario({ url: server.url, steps, rate: '300/s', keepalive: '0%', thresholds: STALLED });
    const result = await place.run(['run', place.scenario(scenario)], {}, '-n 200');
    await expectTruth(result, {
      isFailing,
      server,
      reason: /not sent \(cap\) in migrate: .*all that a limit of 200 open files allows: .*ulimit -n 4096/,
    });
  });

  it.each(WHAT.flatMap((what) => NAMELESS.map((how) => ({ ...what, ...how }))))(
    'names ($answer, asked $attempts times), and $target',
    async ({ isFailing, answer, attempts, keepalive }) => {
      const bound = (file: string, text: string): string =>
        `echo "${text}" > ${join(place.folder, file)}; mount --bind ${join(place.folder, file)} /etc/${file}`;
      const found = await roomWith(
        `${bound('resolv.conf', `nameserver 127.0.0.1\noptions timeout:1 attempts:${attempts}`)}\n${bound('nsswitch.conf', 'hosts: files dns')}`,
      );
      const answers = join(place.folder, 'answers');
      const names = await nameServer(found, answers);
      leaving.push(() => names.stop());
      const server = await serverIn(found.through);
      const fail = `echo ${answer} > ${answers}; sleep 1.5; echo ok > ${answers}`;
      const steps = [begin(server, isFailing), { name: 'deploy', run: fail, hold: '2s' }];
      const scenario = smallScenario({ url: `http://shop.test:${PORT}`, steps, keepalive });
      const result = await place.run(['run', place.scenario(scenario)], {}, undefined, found.through);
      await expectTruth(result, {
        isFailing,
        server,
        reason: /not sent \(dns\) in .*deploy.*: the resolver failed for shop\.test .*set target\.resolve/,
      });
    },
  );
});

/** What the name server does for 1.5 s; where it is asked again it answers in the end, and everything was slow. */
const NAMELESS = [
  { answer: 'silent', attempts: 1, keepalive: '50%' },
  { answer: 'silent', attempts: 3, keepalive: '0%' },
  { answer: 'servfail', attempts: 1, keepalive: '50%' },
  { answer: 'nxdomain', attempts: 1, keepalive: '50%' },
];

/** Longer than any pause here: a request that times out while the harness sleeps is counted, and proves nothing. */
const PATIENT = '10s';

describe.skipIf(!CAN_BE_SCARCE)('a harness that is starved', () => {
  it.skipIf(!CAN_CUT_CPU).each(WHAT)('by its control group, and $target', async ({ isFailing }) => {
    const group = cpuGroup('starved');
    leaving.push(async () => group.leave());
    const server = await serverIn([]);
    const cut = `${group.cut(0.02)}; sleep 2; ${group.cut(null)}`;
    const steps = [begin(server, isFailing), { name: 'deploy', run: cut, hold: '1s' }];
    const scenario = smallScenario({ url: server.url, steps, rate: '200/s', timeout: PATIENT });
    const result = await place.run(['run', place.scenario(scenario)], {}, undefined, group.through);
    await expectTruth(result, { isFailing, server, reason: /the control group was throttled .*raise its CPU limit/ });
  });

  it.each(WHAT)('by busy neighbours on its core, and $target', async ({ isFailing }) => {
    needProgram('taskset', 'util-linux');
    const { first, last } = cores();
    const server = await serverIn(['taskset', '-c', last]);
    const hog = 'const end = Date.now() + 2500; while (Date.now() < end);';
    const hogs = Array(6).fill(`setsid ${process.execPath} -e '${hog}' &`).join(' ');
    // With the lowest weight beside six others a turn comes about once a second. A session may be weighed as a whole.
    const weigh = (nice: number): string =>
      `renice -n ${nice} -p $(ls /proc/$PPID/task) > /dev/null; echo ${nice} > /proc/$PPID/autogroup || true`;
    const run = `${weigh(19)}; ${hogs} wait; ${weigh(0)}`;
    const steps = [begin(server, isFailing), { name: 'deploy', run, hold: '1s' }];
    const scenario = smallScenario({ url: server.url, steps, rate: '200/s', timeout: PATIENT });
    const through = ['setsid', 'taskset', '-c', first];
    const result = await place.run(['run', place.scenario(scenario)], {}, undefined, through);
    await expectTruth(result, { isFailing, server, reason: /core of its own/ });
  });

  it.each(WHAT)('by a stop signal, and $target', async ({ isFailing }) => {
    const server = await serverIn([]);
    const stop = 'kill -STOP $PPID; sleep 0.8; kill -CONT $PPID';
    const steps = [begin(server, isFailing), { name: 'deploy', run: stop, hold: '1s' }];
    const result = await place.run([
      'run',
      place.scenario(smallScenario({ url: server.url, steps, timeout: PATIENT })),
    ]);
    await expectTruth(result, { isFailing, server, reason: /not sent \(late\)|nothing was sent for/ });
  });

  it('by a stop signal, and a target closes meanwhile what was idle: nothing is sent into a closed connection', async () => {
    const { url } = await closingServer(1500);
    const run = 'for each in 1 2; do kill -STOP $PPID; sleep 2; kill -CONT $PPID; sleep 0.5; done';
    // What is a second late is not sent, so that no connection waits longer than that for its turn afterwards.
    const parts = {
      url,
      rate: '5/s',
      keepalive: '100%',
      timeout: PATIENT,
      steps: [{ name: 'deploy', run, hold: '300ms' }],
    };
    const { code, runJson } = await place.run(['run', place.scenario(smallScenario(parts))]);
    expect(runJson).toMatchObject({ verdict: 'inconclusive', totals: { failed: 0 } });
    expect(code).toBe(98);
  });
});

/** A server in a process of its own that closes a connection without notice when it was idle for `idleMs`. */
async function closingServer(idleMs: number): Promise<{ url: string }> {
  const script = `
    const server = require('node:net').createServer((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok'));
      socket.setTimeout(${idleMs}, () => socket.end());
      socket.on('error', () => {});
    });
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  leaving.push(async () => child.kill());
  const [port] = await once(child.stdout, 'data');
  return { url: `http://127.0.0.1:${String(port).trim()}` };
}
