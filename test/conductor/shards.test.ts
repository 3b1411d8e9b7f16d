import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Follower, joinRun } from '../../src/conductor/shards/follower.js';
import { type Lead, startLead } from '../../src/conductor/shards/lead.js';
import { HANDED_OVER, planDigest } from '../../src/conductor/shards/protocol.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { load, MINIMAL, withLine } from '../scenario/scenarios.ts';

const clock = clockSince(monotonicNs());
const TOKEN = 'a-token-that-nobody-guesses';
const MINUTE = 60_000;

let folder: string;
let open: { close(reason: string): unknown }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-shards-'));
  open = [];
});
afterEach(async () => {
  for (const each of open.reverse()) await each.close('the test is over');
  rmSync(folder, { recursive: true, force: true });
});

async function lead({ recordWithinMs = MINUTE, threads = 1 } = {}): Promise<Lead> {
  const run = { runId: 'run', seed: 1, startedAt: new Date(0), clock, recordOf: (n: number) => join(folder, `${n}`) };
  const who = { of: 2, host: '127.0.0.1', port: 0, token: TOKEN, joinWithinMs: MINUTE };
  const started = await startLead({ ...run, ...who, digest: 'plan', threads, recordWithinMs });
  open.push(started);
  return started;
}

async function join2({ url }: Lead, { threads = 1 } = {}): Promise<Follower> {
  const where = { number: 2, of: 2, conductor: new URL(url).host, token: TOKEN, joinWithinMs: MINUTE };
  const follower = await joinRun({ ...where, digest: 'plan', threads, clock });
  open.push(follower);
  return follower;
}

/** The traffic has begun in both. */
async function begun(options: Parameters<typeof lead>[0] = {}): Promise<{ conductor: Lead; follower: Follower }> {
  const conductor = await lead(options);
  const follower = await join2(conductor);
  await Promise.all([conductor.begin(), follower.begin()]);
  return { conductor, follower };
}

const never = (): boolean => false;
const untold = (): void => {};

describe('the conductor of shards', () => {
  it('has the record that a follower hands over', async () => {
    const { conductor, follower } = await begun();
    const dir = join(folder, 'own');
    mkdirSync(dir);
    for (const file of HANDED_OVER) writeFileSync(join(dir, file), `what is in ${file}`);
    const [dirs] = await Promise.all([conductor.finished(never, untold), follower.handOver(dir, ['it is late'])]);
    expect(dirs).toEqual([join(folder, '2')]);
    for (const file of HANDED_OVER) expect(readFileSync(join(folder, '2', file), 'utf8')).toBe(`what is in ${file}`);
    expect([...conductor.problems()]).toEqual([[2, [expect.stringMatching(/^shard 2 of 2 \(.*\) says: it is late$/)]]]);
  });

  it('loses a follower that answers, and of whose record nothing comes', async () => {
    const { conductor } = await begun({ recordWithinMs: 300 });
    expect(await conductor.finished(never, untold)).toEqual([]);
    const lost = expect.stringMatching(/was lost at [\d.]+ s: nothing of its record came for 0\.3 s$/);
    expect([...conductor.problems()]).toEqual([[2, [lost]]]);
  });

  it('waits for no record any more where it is interrupted', async () => {
    const { conductor } = await begun();
    let told = 0;
    const dirs = await conductor.finished(
      () => told > 2,
      () => {
        told += 1;
      },
    );
    expect(dirs).toEqual([]);
    const lost = expect.stringMatching(/was lost at [\d.]+ s: the run was interrupted before its record was here$/);
    expect([...conductor.problems()]).toEqual([[2, [lost]]]);
  });

  it('does not begin without a follower that has left, and says so at once', async () => {
    const conductor = await lead();
    const follower = await join2(conductor);
    follower.close();
    await expect(conductor.begin()).rejects.toThrow('shard 2 of 2 was lost or is not ready to send');
  });

  it('refuses a machine that would send from another number of threads, and says what to do', async () => {
    const conductor = await lead({ threads: 5 });
    await expect(join2(conductor)).rejects.toMatchObject({
      code: 'SHARD_REFUSED',
      message: expect.stringContaining('this machine would use 1 sending thread, the conductor 5: set traffic.threads'),
    });
    expect(await join2(conductor, { threads: 5 })).toMatchObject({ runId: 'run' });
  });
});

describe('the digest of a plan', () => {
  const digestOf = async (content: string): Promise<string> => planDigest(await load(content), '1.0.0');
  const flow = (rest: string): string => withLine(8, `    - { get: /, ${rest} }`);
  const target = (rest: string): string => withLine(4, `  url: http://127.0.0.1:8080\n${rest}`);
  const blocked = (value: string): string =>
    withLine(8, `    - { get: / }\n  blocked: [{ status: 403, header: ${value} }]`);

  it.each([
    ['a pattern of the body', flow('expect: { body: { matches: /v1/ } }'), flow('expect: { body: { matches: /.*/ } }')],
    ['its flags', flow('expect: { body: { matches: /ok/ } }'), flow('expect: { body: { matches: /ok/i } }')],
    ['a pattern of a header', flow('expect: { header: { x-a: /1/ } }'), flow('expect: { header: { x-a: /2/ } }')],
    ['a pattern in JSON', flow('expect: { json: { $.a: /1/ } }'), flow('expect: { json: { $.a: /2/ } }')],
    ['no finite number in JSON', flow('expect: { json: { $.a: .inf } }'), flow('expect: { json: { $.a: null } }')],
    ['what is blocked', blocked('{ server: /waf/ }'), blocked('{ server: /./ }')],
    ['where the version is', target('  version: { body: /v(1)/ }'), target('  version: { body: /v(2)/ }')],
    ['the rate', MINIMAL, withLine(6, '  rate: 201/s')],
  ])('is another with another part: %s', async (_, one, other) => {
    expect(await digestOf(one)).toBe(await digestOf(one));
    expect(await digestOf(one)).not.toBe(await digestOf(other));
  });

  it.each([
    ['requests in flight', '  maxInFlight: 7'],
    ['sending threads, which are compared by their number', '  threads: 7'],
  ])('leaves out what depends on the machine: %s', async (_, line) => {
    expect(await digestOf(withLine(6, `  rate: 200/s\n${line}`))).toBe(await digestOf(MINIMAL));
  });
});
