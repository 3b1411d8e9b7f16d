import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toolVersion } from '../../src/cli/package-info.js';
import { joinRun } from '../../src/conductor/shards/follower.js';
import { planDigest } from '../../src/conductor/shards/protocol.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { loadScenario } from '../../src/scenario/load.js';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { freePort } from '../free-port.ts';
import { samplesOf } from './measured-run.ts';
import { eventually } from './processes.ts';
import { type Cli, type CliResult, readLines, readSamples, type Workplace, workplace } from './run-cli.ts';
import { occurred, type RunJson } from './run-json.ts';
import { smallScenario, TRAFFIC, tell } from './scenarios.ts';

const SHARDS = 4;
const TOKEN = 'a-token-that-nobody-guesses';

let server: FaultServer;
let place: Workplace;
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

interface Started {
  lead: Cli;
  followers: Cli[];
}

/** Every shard in a process of its own, each with a folder for what it records. */
async function startShards(scenario: object, numbers: readonly number[] = [1, 2, 3, 4]): Promise<Started> {
  const port = await freePort();
  const path = place.scenario(scenario);
  const start = (number: number): Cli => {
    const where = number === 1 ? ['--listen', `127.0.0.1:${port}`] : ['--conductor', `127.0.0.1:${port}`];
    const shard = ['--shard', `${number}/${SHARDS}`, ...where, '--join-within', '5m'];
    return place.start(['run', path, ...shard, '--out', join(place.folder, `out-${number}`)], {
      ZDD_SHARD_TOKEN: TOKEN,
    });
  };
  const [lead, ...followers] = numbers.map(start);
  return { lead: lead as Cli, followers };
}

const WANTED = { rst: 50, fin: 50, status: 20 } as const;

const faulty = (hold = '300ms') =>
  Object.entries(WANTED).map(([fault, times]) => ({
    name: fault,
    run: tell(server, { do: 'fault', fault, every: 5, times, path: TRAFFIC }, { do: 'until', fault, total: times }),
    hold,
  }));

/** What does not depend on which process sent a request. */
const countsOf = ({ totals, phases, verdict, exitCode, release }: RunJson) => ({
  requests: totals.requests,
  failed: totals.failed,
  byError: occurred(totals.byError),
  phases: phases.filter(({ failed }) => failed > 0).map(({ name, byError }) => [name, occurred(byError)]),
  verdict,
  exitCode,
  release,
});

describe('four shards in four processes', () => {
  it("are judged like one process, with the server's counts exactly", async () => {
    const scenario = smallScenario({
      url: server.url,
      steps: faulty(),
      rate: '200/s',
      timeout: '10s',
      warmup: '500ms',
    });
    const { lead, followers } = await startShards(scenario);
    const results = await Promise.all(followers.map(({ ended }) => ended));
    const { code, runJson, dir, stderr } = await lead.ended;
    expect(results.map((each) => [each.code, each.stderr])).toEqual(
      results.map(() => [0, expect.stringContaining('handing them over')]),
    );
    expect(stderr).not.toContain('zdd-verify itself:');
    const run = runJson as RunJson;
    const { faults, requests } = await server.counts();
    for (const [fault, times] of Object.entries(WANTED)) {
      expect(faults[fault]).toMatchObject({ total: times, abandoned: 0 });
    }
    expect(occurred(run.totals.byError)).toEqual({ reset: 50, closed: 50, 'unexpected-status': 20 });
    const { judged, warmup } = samplesOf(dir as string);
    const isUnsent = ({ outcome }: (typeof judged)[number]): boolean => outcome === 'unsent';
    const unsent = [...judged, ...warmup].filter(isUnsent).length;
    expect(requests.total).toBe(1 + judged.length + warmup.length - unsent);
    const { totals } = run;
    expect(totals.requests + totals.unsent).toBe(judged.length);
    expect(totals.ok + totals.failed).toBe(totals.requests);
    expect(run.phases.reduce((sum, phase) => sum + phase.failed, 0)).toBe(totals.failed);
    const journal = readLines<{ type: string; due?: number }>(dir as string, 'journal.ndjson');
    expect(journal.find(({ type }) => type === 'traffic-ended')?.due).toBe(judged.length + warmup.length);
    expect(run).toMatchObject({ verdict: 'downtime', release: 'completed', exitCode: 99 });
    expect(code).toBe(99);

    // Each sent its part of the one schedule, and none of it twice.
    const [header] = readLines<{ shards: { number: number; due: number }[] }>(dir as string, 'journal.ndjson');
    expect(header!.shards.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(header!.shards.reduce((sum, { due }) => sum + due, 0)).toBe(judged.length + warmup.length);
    for (const { due } of header!.shards) expect(due).toBeGreaterThan((judged.length + warmup.length) / 8);
    const seqs = readSamples(dir as string).map(({ seq }) => Number(seq));
    expect(seqs.toSorted((a, b) => a - b)).toEqual(seqs.map((_, index) => index));
    const dues = readSamples(dir as string)
      .toSorted((a, b) => Number(a.seq) - Number(b.seq))
      .map(({ due_ms }) => Number(due_ms));
    for (const [index, due] of dues.entries())
      expect(Math.abs(due - (dues[0] as number) - index * 5)).toBeLessThan(0.002);

    // By hand the records come to the same.
    const dirs = [1, 2, 3, 4].map((number) => shardDir(number, results, lead));
    const merged = await place.run(['merge', ...dirs, '--out', join(place.folder, 'merged')]);
    expect([merged.code, countsOf(merged.runJson as RunJson)]).toEqual([99, countsOf(run)]);
    const some = await place.run(['merge', ...dirs.slice(0, 3), '--out', join(place.folder, 'some')]);
    expect(some.stderr).toContain('shard 4 of 4 left no record');
    expect((some.runJson as RunJson).generator.healthy).toBe(false);
    const without = await place.run(['merge', ...dirs.slice(1), '--out', join(place.folder, 'none')]);
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('the record of shard 1')]);

    function shardDir(number: number, all: readonly CliResult[], { child }: Cli): string {
      expect(child.exitCode).toBe(99);
      if (number > 1) return all[number - 2]!.dir as string;
      return `${dir}-shard-1`;
    }
  });

  it('prove nothing where one is killed, and say which', async () => {
    const steps = [{ name: 'deploy', run: 'touch began; while [ ! -e go-on ]; do sleep 0.05; done', hold: '300ms' }];
    const scenario = smallScenario({ url: server.url, steps, rate: '200/s' });
    const { lead, followers } = await startShards(scenario);
    await eventually('the step is under way', () => (existsSync(join(place.folder, 'began')) ? true : null));
    followers[1]!.child.kill('SIGKILL');
    await followers[1]!.ended;
    place.touch('go-on');
    const { code, runJson, stderr } = await lead.ended;
    expect(stderr).toContain('shard 3 of 4');
    expect(runJson).toMatchObject({ verdict: 'inconclusive', release: 'completed', exitCode: 98 });
    const told = expect.stringMatching(/^shard 3 of 4 \(.*\) was lost at [\d.]+ s: its connection was closed/);
    expect((runJson as RunJson).reasons).toContainEqual(told);
    expect(code).toBe(98);
    await Promise.all(followers.map(({ ended }) => ended));
  });

  it('end where the conductor is killed, and what they have is on record', async () => {
    const steps = [{ name: 'deploy', run: 'touch began; sleep 300', hold: '300ms' }];
    const { lead, followers } = await startShards(smallScenario({ url: server.url, steps, rate: '200/s' }));
    await eventually('the step is under way', () => (existsSync(join(place.folder, 'began')) ? true : null));
    lead.child.kill('SIGKILL');
    const results = await Promise.all(followers.map(({ ended }) => ended));
    for (const { code, stderr, dir } of results) {
      expect([code, stderr]).toEqual([98, expect.stringContaining('the conductor of the run')]);
      expect(readSamples(dir as string).length).toBeGreaterThan(10);
    }
    await lead.ended;
  });

  it('do not begin without all of them, and run no step', async () => {
    const steps = [{ name: 'deploy', run: 'touch began' }];
    const port = await freePort();
    const path = place.scenario(smallScenario({ url: server.url, steps }));
    const common = ['--join-within', '3s'];
    const env = { ZDD_SHARD_TOKEN: TOKEN };
    const lead = place.start(['run', path, '--shard', '1/3', '--listen', `127.0.0.1:${port}`, ...common], env);
    const other = place.start(['run', path, '--shard', '2/3', '--conductor', `127.0.0.1:${port}`, ...common], env);
    const { code, stderr } = await lead.ended;
    expect(stderr).toContain('shard 3 of 3 did not join within 3 s');
    expect(code).not.toBe(0);
    expect(existsSync(join(place.folder, 'began'))).toBe(false);
    expect((await server.counts()).requests.total).toBe(0);
    expect(await other.ended).toMatchObject({ code: 98, stderr: expect.stringContaining('the run is over') });
  });

  it('end at once where one cannot record, and run no step', async () => {
    const steps = [{ name: 'deploy', run: 'touch began' }];
    const port = await freePort();
    const path = place.scenario(smallScenario({ url: server.url, steps }));
    const env = { ZDD_SHARD_TOKEN: TOKEN };
    const place1 = ['--listen', `127.0.0.1:${port}`, '--join-within', '3s'];
    const lead = place.start(['run', path, '--shard', '1/2', ...place1], env);
    place.touch('a-file');
    const place2 = ['--conductor', `127.0.0.1:${port}`, '--out', join(place.folder, 'a-file')];
    const other = await place.run(['run', path, '--shard', '2/2', ...place2], env);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('cannot write the run directory')]);
    const { code, runJson } = await lead.ended;
    expect([code, runJson]).toEqual([94, expect.objectContaining({ verdict: 'inconclusive', release: 'not-started' })]);
    expect((runJson as RunJson).reasons[0]).toMatch(/shard 2 of 2 (did not join|was lost or is not ready)/);
    expect(existsSync(join(place.folder, 'began'))).toBe(false);
  });

  it('are not waited for any more where the conductor is told to end', async () => {
    const port = await freePort();
    const path = place.scenario(smallScenario({ url: server.url, steps: [{ name: 'deploy', run: 'true' }] }));
    const lead = place.start(['run', path, '--shard', '1/2', '--listen', `127.0.0.1:${port}`, '--join-within', '5m'], {
      ZDD_SHARD_TOKEN: TOKEN,
    });
    const scenario = await loadScenario(path);
    const { threads } = scenario.traffic;
    // It lives and answers, and never hands a record over.
    const follower = await joinRun({
      ...{ number: 2, of: 2, conductor: `127.0.0.1:${port}`, token: TOKEN, joinWithinMs: 60_000, threads },
      digest: planDigest(scenario, toolVersion()),
      clock: clockSince(monotonicNs()),
    });
    await follower.begin();
    const journal = join(place.folder, 'reports', `${follower.runId}-shard-1`, 'journal.ndjson');
    await eventually('the release is done', () =>
      readFileSync(journal, 'utf8').includes('"type":"end"') ? true : null,
    );
    lead.child.kill('SIGTERM');
    const { code, runJson } = await lead.ended;
    follower.close();
    expect([code, (runJson as RunJson).reasons]).toEqual([
      98,
      expect.arrayContaining([
        expect.stringMatching(/^shard 2 of 2 .* the run was interrupted before its record was here$/),
      ]),
    ]);
  });

  it('say why one of them was ended, without its secrets', async () => {
    const steps = [
      {
        name: 'deploy',
        run: 'touch began; while [ ! -e go-on ]; do sleep 0.05; done',
        hold: '300ms',
        env: { PASSWORD: '${secret:ZDD_PASSWORD}' },
      },
    ];
    const port = await freePort();
    const path = place.scenario(smallScenario({ url: server.url, steps, rate: '200/s' }));
    const start = (shard: string, where: string[], ZDD_PASSWORD: string): Cli =>
      place.start(['run', path, '--shard', shard, ...where, '--join-within', '5m', '--out', shard.replace('/', '-')], {
        ZDD_SHARD_TOKEN: TOKEN,
        ZDD_PASSWORD,
      });
    const lead = start('1/2', ['--listen', `127.0.0.1:${port}`], 'known-to-the-conductor');
    // What the follower says of itself holds this word.
    const other = start('2/2', ['--conductor', `127.0.0.1:${port}`], 'SIGTERM');
    await eventually('the step is under way', () => (existsSync(join(place.folder, 'began')) ? true : null));
    other.child.kill('SIGTERM');
    const ended = await other.ended;
    expect([ended.code, ended.stderr]).toEqual([143, expect.stringContaining('it was ended by [redacted]')]);
    place.touch('go-on');
    const { code, runJson } = await lead.ended;
    expect([code, (runJson as RunJson).reasons]).toEqual([
      98,
      expect.arrayContaining([expect.stringMatching(/^shard 2 of 2 \(.*\) says: it was ended by \[redacted\]$/)]),
    ]);
    expect(JSON.stringify(runJson)).not.toContain('SIGTERM');
  });

  it('are refused with another token, number of shards or scenario, and one number is taken once', async () => {
    const steps = [{ name: 'deploy', run: 'true' }];
    const port = await freePort();
    const path = place.scenario(smallScenario({ url: server.url, steps }));
    const env = { ZDD_SHARD_TOKEN: TOKEN };
    const join_ = (shard: string, more: string[] = [], own: Record<string, string> = env) =>
      place.start(['run', path, '--shard', shard, '--conductor', `127.0.0.1:${port}`, ...more], own);
    const lead = place.start(
      ['run', path, '--shard', '1/3', '--listen', `127.0.0.1:${port}`, '--join-within', '5m'],
      env,
    );
    const second = join_('2/3');
    await eventually('shard 2 has joined', () => (second.stderrSoFar().includes('joined') ? true : null));
    const refused = await Promise.all([
      join_('3/3', [], { ZDD_SHARD_TOKEN: 'another-token-that-is-long' }).ended,
      join_('3/4').ended,
      join_('3/3', ['--rate', '51/s']).ended,
      join_('2/3').ended,
      join_('3/3', ['--set', 'traffic.threads=7']).ended,
    ]);
    expect(refused.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(refused.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining('the token is not the one of this run'),
      expect.stringContaining('this run has 3 shards, not 4'),
      expect.stringContaining("are not the conductor's"),
      expect.stringContaining('shard 2 has joined already'),
      expect.stringContaining('this machine would use 7 sending threads, the conductor 1: set traffic.threads'),
    ]);
    // A stranger is told nothing.
    expect((await fetch(`http://127.0.0.1:${port}/clock?shard=2`)).status).toBe(401);
    const third = join_('3/3');
    expect((await lead.ended).runJson).toMatchObject({ release: 'completed' });
    expect([(await second.ended).code, (await third.ended).code]).toEqual([0, 0]);
  });

  it.each([
    [['--shard', '5/4', '--conductor', 'x:1'], '--shard takes a number'],
    [['--shard', '1/4', '--conductor', 'x:1'], 'it needs --listen HOST:PORT'],
    [['--shard', '2/4'], 'it needs --conductor HOST:PORT'],
    [['--shard', '2/4', '--conductor', 'x'], '--conductor takes HOST:PORT'],
    [['--listen', 'x:1'], '--listen goes with --shard'],
    [['--shard', '2/4', '--conductor', 'x:1', '--repeat', '2'], '--repeat does not go with --shard'],
    [['--shard', '2/4', '--conductor', 'x:1', '--token-file', 'short'], 'the token has to be 16 or more'],
    [['--shard', '2/4', '--conductor', 'x:1', '--token-file', 'none'], 'the token cannot be read'],
    [['--rate', '60000/s'], 'one harness sends at most 50,000/s'],
    [['--shard', '1/2', '--listen', '127.0.0.1:0', '--rate', '160000/s'], '2 shards send at most 100,000/s'],
    [['--shard', '2/2', '--conductor', 'x:1', '--rate', '160000/s'], '2 shards send at most 100,000/s'],
  ])('are refused by their command line: %s', async (flags, message) => {
    writeFileSync(join(place.folder, 'short'), 'short\n');
    const path = place.scenario(smallScenario({ url: server.url, steps: [{ name: 'deploy', run: 'true' }] }));
    const { code, stderr } = await place.run(['run', path, ...flags], { ZDD_SHARD_TOKEN: TOKEN });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('join to a fault where a record was cut, or its clock ran away', async () => {
    const steps = [{ name: 'deploy', run: 'true', hold: '300ms' }];
    const { lead, followers } = await startShards(smallScenario({ url: server.url, steps, rate: '200/s' }));
    const results = await Promise.all(followers.map(({ ended }) => ended));
    const { dir } = await lead.ended;
    const dirs = [`${dir}-shard-1`, ...results.map((each) => each.dir as string)];
    const mergedAs = async (name: string, change: (line: string) => string | null) => {
      const changed = join(place.folder, name);
      cpSync(dirs[2] as string, changed, { recursive: true });
      const lines = readLines<object>(changed, 'journal.ndjson').flatMap((line) => change(JSON.stringify(line)) ?? []);
      writeFileSync(join(changed, 'journal.ndjson'), `${lines.join('\n')}\n`);
      rmSync(join(place.folder, 'merged'), { recursive: true, force: true });
      const all = [dirs[0], dirs[1], changed, dirs[3]] as string[];
      return await place.run(['merge', ...all, '--out', join(place.folder, 'merged')]);
    };
    // On a busy machine no clock is known well: that is not what is looked at here.
    const wellKnown = (line: string): string => line.replace(/"errorMs":[\d.]+/, '"errorMs":1');
    const whole = await mergedAs('whole', wellKnown);
    expect(whole.stderr).not.toContain('shard 3');
    const cut = await mergedAs('cut', (line) => (line.includes('"type":"end"') ? null : wellKnown(line)));
    expect([cut.code, cut.stderr]).toEqual([98, expect.stringContaining('shard 3 of 4 was cut')]);
    let clocks = 0;
    const fast = await mergedAs('fast', (line) => {
      if (!line.includes('"type":"shard-clock"')) return line;
      clocks += 1;
      if (clocks === 1) return wellKnown(line);
      const event = JSON.parse(wellKnown(line)) as { leadAt: number };
      return JSON.stringify({ ...event, leadAt: event.leadAt + 500 });
    });
    expect([fast.code, fast.stderr]).toEqual([
      98,
      expect.stringMatching(/the clock of shard 3 of 4 ran away by \d+ ms/),
    ]);
    const twice = await place.run(['merge', dirs[0] as string, dirs[1] as string, dirs[1] as string]);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('two records of shard 2')]);
  });
});
