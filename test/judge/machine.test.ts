import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import type { UnsentCause } from '../../src/model/outcome.js';
import type { Generator, MachineWatch, Run } from '../../src/model/run.js';
import { buildRun, type Fate, REFUSED } from '../record/build-run.js';

const QUIET: MachineWatch = {
  stealMax: 0,
  stolen: [],
  throttledMs: 0,
  cpuPressureMax: 0,
  descriptors: { peak: 90, limit: 1024 },
  ports: { peak: 20, available: 28_232 },
  dns: null,
};

interface Plan {
  machine?: Partial<MachineWatch>;
  generator?: Partial<Generator>;
  fate?: Fate;
}

/** A good release on a machine that did this to the harness. */
function runOn({ machine = {}, generator = {}, fate }: Plan): Run {
  const run = buildRun(fate === undefined ? {} : { fate });
  const watched = { gcMs: { max: 3, total: 20 }, cpu: 0.2, ...generator, machine: { ...QUIET, ...machine } };
  return { ...run, generator: { ...run.generator, ...watched } };
}

const unsent =
  (cause: UnsentCause, more: Fate = () => ({})): Fate =>
  (arrival) =>
    arrival.seq % 100 === 50 ? { outcome: { kind: 'unsent', cause, detail: '' } } : more(arrival);

/** Sent late by this much in the whole of one step, and answered at once. */
const late =
  (ms: number): Fate =>
  ({ dueAt }) =>
    dueAt >= 9_000 && dueAt < 9_000 + ms ? { lateMs: 9_000 + ms - dueAt, latencyMs: 9_001 + ms - dueAt } : {};

const THROTTLED = { throttledMs: 3100 };
const STOLEN = { stealMax: 0.42 };

describe('what the machine did to the harness', () => {
  it.each([
    ['nothing', {}],
    ['throttling', { machine: THROTTLED }],
    ['steal', { machine: STOLEN }],
    ['a long garbage collection', { generator: { gcMs: { max: 400, total: 900 } } }],
    ['other processes in want of a core', { machine: { cpuPressureMax: 1 } }],
    ['a resolver that failed for a while', { machine: { dns: { asked: 9, failed: 9, maxMs: 9, error: 'EAI_AGAIN' } } }],
    ['descriptors and ports nearly gone', { machine: { descriptors: { peak: 99, limit: 100 }, ports: null } }],
  ])('is no doubt without an effect: %s', (_, plan) => {
    expect(judge(runOn(plan))).toMatchObject({ verdict: 'zero-downtime', exitCode: 0, healthy: true });
  });

  it('is no doubt where a little lateness has no such cause', () => {
    expect(judge(runOn({ fate: late(300) }))).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
    const little = { machine: { throttledMs: 100, stealMax: 0.05 }, fate: late(300) };
    expect(judge(runOn(little))).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
  });

  it.each([
    [
      THROTTLED,
      /^nothing was sent for 320 ms; the control group was throttled for 3\.1 s of [\d.]+ s: raise its CPU limit$/,
    ],
    [STOLEN, /^nothing was sent for 320 ms; the hypervisor took up to 42 % of a second's CPU time: use a machine/],
  ])('is a doubt with a gap over a quarter of the stall limit: %o', (machine, reason) => {
    const judgement = judge(runOn({ machine, fate: late(300) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.harnessReasons).toHaveLength(1);
    expect(judgement.harnessReasons[0]).toMatch(reason);
  });

  it('is a doubt with requests that were sent late', () => {
    const latenessMs = { p50: 1, p99: 80, max: 200 };
    const judgement = judge(runOn({ machine: THROTTLED, generator: { latenessMs } }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(judgement.harnessReasons[0]).toMatch(/^one request in a hundred was sent 80 ms late or later; the control/);
    expect(judge(runOn({ generator: { latenessMs } })).verdict).toBe('zero-downtime');
  });

  it('is a doubt where the harness was not running for over a tenth of the time, whatever the reason', () => {
    const pauses = Array.from({ length: 30 }, (_, index) => ({ from: 2000 + index * 300, to: 2100 + index * 300 }));
    const asleep = (share: number) => ({
      senders: [{ pauses: pauses.slice(0, share * pauses.length), unlistedMs: 0 }],
    });
    const judgement = judge(runOn({ generator: asleep(1) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(judgement.harnessReasons[0]).toMatch(
      /^the harness itself was not running for 1\d % of the time; the machine is too slow or too busy for this rate/,
    );
    const busy = judge(runOn({ generator: asleep(1), machine: { cpuPressureMax: 0.97 } }));
    expect(busy.harnessReasons[0]).toContain('; other processes waited for a core in up to 97 % of a second');
    expect(judge(runOn({ generator: asleep(1 / 3) })).verdict).toBe('zero-downtime');
  });

  it.each([
    [{ machine: THROTTLED }, 'throttled for 3.1 s'],
    [{ machine: STOLEN }, "42 % of a second's CPU time"],
    [{ generator: { gcMs: { max: 600, total: 900 } } }, 'a garbage collection took 600 ms: raise traffic.threads'],
    [{ generator: { cpu: 0.97 } }, 'the harness used 1.0 cores on average'],
    [{ machine: { cpuPressureMax: 0.9 } }, 'other processes waited for a core in up to 90 % of a second'],
  ])('explains a gap that is a doubt in any case: %o', (plan, reason) => {
    const [first, ...others] = judge(runOn({ ...plan, fate: late(600) })).harnessReasons;
    expect(first).toContain('nothing was sent for 620 ms, over half the stall limit of 1.0 s; ');
    expect(first).toContain(reason);
    expect(others).toEqual([]);
  });

  it('is beaten by evidence that the target failed', () => {
    const failing: Fate = (arrival) =>
      arrival.phase === 'reload' && arrival.seq % 50 === 0 ? { outcome: REFUSED } : late(300)(arrival);
    const judgement = judge(runOn({ machine: { ...THROTTLED, ...STOLEN }, fate: failing }));
    expect(judgement).toMatchObject({ verdict: 'downtime', exitCode: 99 });
    expect(judgement.reasons).toContainEqual(expect.stringContaining('raise its CPU limit'));
  });
});

describe('what was not sent names its remedy', () => {
  const reasonOf = (plan: Plan): string => {
    const judgement = judge(runOn(plan));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.harnessReasons).toHaveLength(1);
    return judgement.harnessReasons[0] as string;
  };

  it('for ports', () => {
    expect(reasonOf({ fate: unsent('ports'), machine: { ports: { peak: 198, available: 200 } } })).toMatch(
      /^\d of 900 arrivals were not sent \(ports\) in baseline, migrate, reload and 1 more: no local port towards the target was free \(198 of 200 seen in use\): widen net\.ipv4\.ip_local_port_range, or raise connections\.keepalive$/,
    );
  });

  it('for descriptors', () => {
    const machine = { descriptors: { peak: 160, limit: 160 } };
    expect(reasonOf({ fate: unsent('descriptors'), machine })).toContain(
      'the limit of 160 on open files and sockets was reached: run `ulimit -n 4096` first',
    );
    expect(reasonOf({ fate: unsent('descriptors'), machine: { descriptors: null } })).toContain('run `ulimit -n 4096`');
  });

  it('for names', () => {
    const dns = { asked: 12, failed: 3, maxMs: 2004, error: 'EAI_AGAIN' };
    expect(reasonOf({ fate: unsent('dns'), machine: { dns } })).toContain(
      '(EAI_AGAIN: 3 of 12 questions failed, the slowest answer took 2.0 s): set target.resolve, or mend the resolver',
    );
    const slow = { dns: { ...dns, failed: 0, error: null } };
    expect(reasonOf({ fate: unsent('dns'), machine: slow })).toContain(' (the slowest answer took 2.0 s): set target');
    expect(reasonOf({ fate: unsent('dns') })).toMatch(/the resolver failed for [^ :]+: set target\.resolve/);
  });

  it('for lateness: the machine, or what it did', () => {
    expect(reasonOf({ fate: unsent('late') })).toContain('lower traffic.rate, raise traffic.threads, or give');
    expect(reasonOf({ fate: unsent('late'), machine: THROTTLED })).toContain('raise its CPU limit');
  });

  it('for the cap: the rate, or the descriptors that lower it', () => {
    const plenty = { machine: { descriptors: { peak: 90, limit: 1_000_000 } } };
    expect(reasonOf({ fate: unsent('cap'), ...plenty })).toContain('the target answers too slowly for this rate');
    const few = { machine: { descriptors: { peak: 90, limit: 100 } } };
    expect(reasonOf({ fate: unsent('cap'), ...few })).toContain(
      'a limit of 100 open files allows: run `ulimit -n 4096`',
    );
  });

  it('for the cap of several shards, each of which has its share of it', () => {
    const shards = [1, 2, 3, 4].map((number) => {
      return { number, host: '', due: 1, clockErrorMs: 0, driftMs: 0, problems: [] };
    });
    const reasonWith = (limit: number): string | undefined => {
      const run = runOn({ fate: unsent('cap'), machine: { descriptors: { peak: 90, limit } } });
      return judge({ ...run, header: { ...run.header, shards } }).harnessReasons[0];
    };
    expect(reasonWith(1024)).toContain('the target answers too slowly for this rate');
    expect(reasonWith(300)).toContain('a limit of 300 open files for each of 4 shards allows: run `ulimit -n 4096`');
  });

  it('with one sentence for each cause, and never in place of evidence', () => {
    const both: Fate = (arrival) => unsent('ports', (a) => (a.seq % 100 === 51 ? unsentLate : {}))(arrival);
    expect(judge(runOn({ fate: both })).harnessReasons).toHaveLength(2);
    const failing: Fate = (arrival) => (arrival.phase === 'reload' ? { outcome: REFUSED } : both(arrival));
    expect(judge(runOn({ fate: failing }))).toMatchObject({ verdict: 'downtime', exitCode: 99, healthy: false });
  });
});

const unsentLate = { outcome: { kind: 'unsent' as const, cause: 'late' as const, detail: '' } };
