import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCpuWatch } from '../../src/platform/machine-cpu.js';
import { createPortCount, hexAddress, openDescriptors, portsTowards } from '../../src/platform/machine-sockets.js';
import { NameWatch } from '../../src/platform/resolver.js';

const NOTHING = { steal: null, throttledMs: null, pressure: null };

/** A machine of files: those of the first reading, then those of the second. */
function watchOf(first: Record<string, string>, second: Record<string, string>) {
  let files = first;
  let now = 5000;
  const watch = createCpuWatch(
    () => now,
    async (path) => files[path] ?? '',
  );
  return async (spanMs: number) => {
    expect(await watch()).toEqual(NOTHING);
    files = second;
    now += spanMs;
    return watch();
  };
}

describe('what kept the process from its cores', () => {
  it('is unknown where the system has no such files', async () => {
    expect(await watchOf({}, {})(1000)).toEqual(NOTHING);
  });

  it('is unknown where the files say something else', async () => {
    const odd = {
      '/proc/stat': 'cpu one two\ncpu0 1 2\n',
      '/proc/self/cgroup': 'nonsense\n1:cpu\n',
      '/proc/pressure/cpu': 'some avg10=\n',
    };
    expect(await watchOf(odd, odd)(1000)).toEqual(NOTHING);
  });

  it('is the share of all CPU time that the hypervisor took since the last reading', async () => {
    // Guests are in user already: they must not be counted twice.
    const before = { '/proc/stat': 'cpu  1000 10 500 8000 50 0 40 400 900 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n' };
    const after = { '/proc/stat': 'cpu  1100 10 510 8060 50 0 40 430 980 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n' };
    expect((await watchOf(before, after)(1000)).steal).toBeCloseTo(30 / 200, 9);
  });

  it('is the throttling of the own group or of one it lies in, of version 2', async () => {
    const group = { '/proc/self/cgroup': '0::/ci.slice/job-7\n' };
    const before = {
      ...group,
      '/sys/fs/cgroup/ci.slice/job-7/cpu.stat': 'usage_usec 9\nnr_throttled 1\nthrottled_usec 5000\n',
      '/sys/fs/cgroup/ci.slice/cpu.stat': 'usage_usec 9\nthrottled_usec 70000\n',
      '/sys/fs/cgroup/cpu.stat': 'usage_usec 9\n',
    };
    const after = { ...before, '/sys/fs/cgroup/ci.slice/cpu.stat': 'usage_usec 9\nthrottled_usec 270000\n' };
    expect((await watchOf(before, after)(1000)).throttledMs).toBe(200);
    expect((await watchOf(before, before)(1000)).throttledMs).toBe(0);
  });

  it('is the throttling of version 1, and in a container that of the root it sees', async () => {
    const group = { '/proc/self/cgroup': '4:memory:/docker/ab\n3:cpu,cpuacct:/docker/ab\n1:cpuset:/\n' };
    const before = { ...group, '/sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 5\nthrottled_time 1000000\n' };
    const after = { ...group, '/sys/fs/cgroup/cpu,cpuacct/cpu.stat': 'nr_periods 5\nthrottled_time 41000000\n' };
    expect((await watchOf(before, after)(1000)).throttledMs).toBe(40);
  });

  it('is never throttling for longer than the time that went by', async () => {
    const group = { '/proc/self/cgroup': '0::/\n' };
    const before = { ...group, '/sys/fs/cgroup/cpu.stat': 'throttled_usec 0\n' };
    const after = { ...group, '/sys/fs/cgroup/cpu.stat': 'throttled_usec 7000000\n' };
    expect((await watchOf(before, after)(1000)).throttledMs).toBe(1000);
  });

  it('is the pressure of the own group, else of the machine', async () => {
    const pressure = (us: number) => `some avg10=0.00 avg60=0.00 avg300=0.00 total=${us}\nfull avg10=0 total=1\n`;
    const machine = { '/proc/self/cgroup': '0::/job\n', '/proc/pressure/cpu': pressure(100_000) };
    expect((await watchOf(machine, { ...machine, '/proc/pressure/cpu': pressure(600_000) })(1000)).pressure).toBe(0.5);
    const own = { ...machine, '/sys/fs/cgroup/job/cpu.pressure': pressure(0) };
    const busy = { ...own, '/sys/fs/cgroup/job/cpu.pressure': pressure(250_000) };
    expect((await watchOf(own, busy)(1000)).pressure).toBe(0.25);
  });
});

describe('ports towards a target', () => {
  it('are named by its address as the kernel writes it', () => {
    expect(hexAddress('127.0.0.1', 'LE')).toBe('0100007F');
    expect(hexAddress('10.1.2.3', 'BE')).toBe('0A010203');
    expect(hexAddress('::1', 'LE')).toBe('00000000000000000000000001000000');
    expect(hexAddress('2001:db8::ff00:42:8329', 'BE')).toBe('20010DB8000000000000FF0000428329');
    expect(hexAddress('fe80::1%eth0', 'BE')).toBe('FE800000000000000000000000000001');
  });

  it('are counted once each, TIME_WAIT included, however the table is cut into pieces', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 6115 1 0 100 0 0 10 0',
      '   1: 0100007F:9C41 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 6115 1 0 100 0 0 10 0',
      '  12: 0100007F:9C42 0100007F:1F90 06 00000000:00000000 03:00000A5B 00000000     0        0 0 3 0',
      '  13: 0200007F:9C42 0100007F:1F90 06 00000000:00000000 03:00000A5B 00000000     0        0 0 3 0',
      '  14: 0100007F:9C43 0100007F:1F91 06 00000000:00000000 03:00000A5B 00000000     0        0 0 3 0',
      '1005: 0100007F:0050 0100007F:1F90 06 00000000:00000000 03:00000A5B 00000000     0        0 0 3 0',
      '',
    ].join('\n');
    for (const size of [1, 7, 100, table.length]) {
      const count = createPortCount('0100007F:1F90', { from: 0x8000, to: 0xf000 });
      for (let at = 0; at < table.length; at += size) count.read(table.slice(at, at + size));
      expect(count.ports()).toBe(2);
    }
  });

  it.skipIf(process.platform !== 'linux').each(['127.0.0.1', '::1'])('are those of connections to %s', async (host) => {
    const { server, sockets } = await connections(host, 7);
    const { port } = server.address() as AddressInfo;
    const ports = await portsTowards([host], port);
    expect(ports?.used).toBe(sockets.length);
    expect(ports?.available).toBeGreaterThan(100);
    expect((await portsTowards(['127.0.0.9'], port))?.used).toBe(0);
    expect((await portsTowards(['127.0.0.9', host], port))?.used).toBe(sockets.length);
  });
});

describe('open descriptors', () => {
  it.skipIf(process.platform !== 'linux')('grow by each file that is opened', async () => {
    const before = (await openDescriptors()) ?? Number.NaN;
    const files = await Promise.all(Array.from({ length: 20 }, () => open('/dev/null')));
    const during = (await openDescriptors()) ?? Number.NaN;
    await Promise.all(files.map((file) => file.close()));
    // What else this process opens or closes meanwhile is not under our control.
    expect(Math.abs(during - before - 20)).toBeLessThanOrEqual(5);
  });
});

describe('the resolver', () => {
  it('is asked one question at a time and says how it ended', async () => {
    const watch = new NameWatch('localhost');
    let now = 100;
    expect(watch.look(() => now)).toBeNull();
    now = 103;
    await expect.poll(() => watch.addresses.length).toBeGreaterThan(0);
    expect(watch.look(() => now)).toEqual({ ms: 3, error: null });
    await expect.poll(() => watch.look(() => now)).toEqual({ ms: 0, error: null });
  });

  it('has failed where it says nothing for two seconds', () => {
    // The answer cannot come before this test is over: nothing here waits for it.
    const watch = new NameWatch('localhost');
    expect(watch.look(() => 0)).toBeNull();
    expect(watch.look(() => 1999)).toBeNull();
    expect(watch.look(() => 2500)).toEqual({ ms: 2500, error: 'no answer' });
  });
});

async function connections(host: string, count: number): Promise<{ server: Server; sockets: Socket[] }> {
  const server = createServer((socket) => socket.resume()).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets = Array.from({ length: count }, () => connect(port, host));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { server, sockets };
}
