import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeRecord } from '../../src/cli/results.js';
import { judge } from '../../src/judge/judge.js';
import type { RunEvent, RunHeader } from '../../src/model/event.js';
import { constantRate } from '../../src/model/rate.js';
import type { Sample } from '../../src/model/sample.js';
import { senderOf } from '../../src/model/senders.js';
import { mergeRecords } from '../../src/record/merge.js';
import { Recorder } from '../../src/record/recorder.js';
import { foldOf, REFUSED, type Recorded, record, TIMEOUT, wrong } from './build-run.ts';
import { batchOf } from './sample-batch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-merge-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const us = (ms: number): number => Math.round(ms * 1000) / 1000;
const FLOWS = [
  { name: 'home', weight: 2 },
  { name: 'items', weight: 1 },
];

/** The record of one process, as `of` shards would have written it whose clocks began at other times. */
async function written(whole: Recorded, shiftsMs: readonly number[], name: string): Promise<string[]> {
  const of = shiftsMs.length + 1;
  const dirs: string[] = [];
  for (let number = 1; number <= of; number += 1) {
    const shift = number === 1 ? 0 : (shiftsMs[number - 2] as number);
    const own = whole.samples.filter(({ seq }) => senderOf(seq, of) === number - 1);
    const counts = { due: own.length, recorded: own.length };
    const lastAt = whole.events.findLast(({ type }) => type === 'end') as { at: number };
    const followed: RunEvent[] = [
      { type: 'shard-clock', at: shift, leadAt: 0, errorMs: 0.2 },
      { type: 'traffic-started', at: shift, firstDueAt: shift, ratePerSec: 50 },
      { type: 'traffic-ended', at: us(lastAt.at + shift), ...counts },
      { type: 'shard-clock', at: us(9000 + shift), leadAt: 9000.1, errorMs: 0.2 },
      { type: 'end', at: us(lastAt.at + shift), release: 'not-started', faults: [], servesNow: null },
    ];
    const events =
      number === 1
        ? whole.events.map((event) => (event.type === 'traffic-ended' ? { ...event, ...counts } : event))
        : followed;
    const dir = join(folder, `${name}-${number}`);
    const recorder = await Recorder.create(dir, {
      redact: (value) => value,
      onFault: (reason) => expect.unreachable(reason),
      listener: { event: () => {}, sample: () => {} },
    });
    recorder.event({ ...whole.header, shard: { number, of } });
    for (const event of events) recorder.event(event);
    const moved = own.map((sample) => movedBy(sample, shift));
    for (let from = 0; from < moved.length; from += 40) {
      recorder.samples(
        batchOf(
          moved.slice(from, from + 40),
          FLOWS.map((flow) => flow.name),
        ),
      );
      await recorder.flush();
    }
    await recorder.close();
    dirs.push(dir);
  }
  return dirs;
}

function movedBy(sample: Sample, shift: number): Sample {
  const time = (at: number | null): number | null => (at === null ? null : us(at + shift));
  return {
    ...sample,
    dueAt: us(sample.dueAt + shift),
    sentAt: time(sample.sentAt),
    connectedAt: time(sample.connectedAt),
    firstByteAt: time(sample.firstByteAt),
    endedAt: us(sample.endedAt + shift),
  };
}

const fates = fc.array(
  fc.record({
    outcome: fc.constantFrom(undefined, undefined, undefined, REFUSED, TIMEOUT, wrong(500)),
    latencyMs: fc.integer({ min: 0, max: 300 }),
  }),
  { minLength: 1, maxLength: 200 },
);
const shift = fc.integer({ min: -5_000_000, max: 900_000_000_000 }).map((microseconds) => microseconds / 1000);

describe('the records of shards', () => {
  it('come to the run that one process would have recorded, whatever their clocks began with', async () => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(fates, fc.array(shift, { minLength: 1, maxLength: 4 }), async (each, shifts) => {
        number += 1;
        const whole = record({
          flows: FLOWS,
          fate: ({ seq }) => {
            const { outcome, latencyMs } = each[seq % each.length] as (typeof each)[number];
            return { latencyMs, ...(outcome === undefined ? {} : { outcome }) };
          },
        });
        const dir = await mergeRecords(await written(whole, shifts, `run${number}`), () =>
          join(folder, `all${number}`),
        );
        const { run, judgement } = await judgeRecord(dir);
        const alone = foldOf(whole).finish();
        expect(run.recordFaults).toEqual([]);
        expect(run.cells.length).toBe(alone.cells.length);
        expect(run.phases).toEqual(alone.phases);
        expect(run.outages).toEqual(alone.outages);
        expect(run.stalls).toEqual(alone.stalls);
        const asleep = { pauses: [], unlistedMs: 0 };
        expect(run.generator).toEqual({ ...alone.generator, senders: [0, ...shifts].map(() => asleep) });
        for (const [index, cell] of run.cells.entries()) {
          const other = alone.cells[index]!;
          expect({ ...cell, sinceDue: 0, sinceDueOk: 0, sinceSent: 0, maxBySecond: 0 }).toEqual({
            ...other,
            sinceDue: 0,
            sinceDueOk: 0,
            sinceSent: 0,
            maxBySecond: 0,
          });
          for (const key of ['sinceDue', 'sinceDueOk', 'sinceSent'] as const)
            expect([cell[key].totalCount, cell[key].maxValue, cell[key].getValueAtPercentile(50)]).toEqual([
              other[key].totalCount,
              other[key].maxValue,
              other[key].getValueAtPercentile(50),
            ]);
        }
        const { verdict, exitCode, reasons } = judge(alone);
        expect(judgement).toMatchObject({ verdict, exitCode, reasons });
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 15 },
    );
  });

  it('alone prove nothing', async () => {
    const [lead] = await written(record({ flows: FLOWS }), [100], 'run');
    const { judgement } = await judgeRecord(lead as string);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(judgement.reasons[0]).toContain('the record of shard 1 of 2 alone');
  });

  it('are refused where they are not the shards of one run', async () => {
    const dirs = await written(record({ flows: FLOWS }), [100], 'run');
    const into = () => join(folder, 'all');
    const merged = (...which: number[]) =>
      mergeRecords(
        which.map((each) => dirs[each] as string),
        into,
      );
    await expect(merged(1)).rejects.toThrow('the record of shard 1, which conducted the release');
    await expect(merged(0, 1, 1)).rejects.toThrow('two records of shard 2');
    const other = record({ flows: FLOWS });
    const [, stranger] = await written({ ...other, header: { ...other.header, runId: 'other' } }, [100], 'other');
    await expect(mergeRecords([dirs[0]!, stranger!], into)).rejects.toThrow('is of the run other');
  });

  it('are refused where they do not send one schedule; what is of each machine may differ', async () => {
    const { header, ...rest } = record({ flows: FLOWS });
    const { traffic } = header;
    const [lead] = await written({ header, ...rest }, [100], 'run');
    let number = 0;
    const mergedWith = async (more: Partial<RunHeader>): Promise<unknown> => {
      number += 1;
      const [, other] = await written({ header: { ...header, ...more }, ...rest }, [100], `other${number}`);
      return await mergeRecords([lead!, other!], () => join(folder, `all${number}`));
    };
    const refusal = 'was sent by another schedule or version of zdd-verify';
    const streams = [{ name: '', rate: constantRate(60) }];
    await expect(mergedWith({ traffic: { ...traffic, streams } })).rejects.toThrow(refusal);
    await expect(mergedWith({ traffic: { ...traffic, threads: 2 } })).rejects.toThrow(refusal);
    await expect(mergedWith({ tool: { version: '9.9.9' } })).rejects.toThrow(refusal);
    const flows = traffic.flows.map((flow) => ({ ...flow, path: '/[redacted]' }));
    await mergedWith({ traffic: { ...traffic, flows, maxInFlight: 7 }, environment: { host: 'another' } });
  });

  it('are not said to be missing where the conductor ended the run before its traffic', async () => {
    const events: RunEvent[] = [
      { type: 'decision', at: 5, cause: 'preflight', action: 'abort', detail: 'the target is unhealthy' },
      { type: 'end', at: 6, release: 'not-started', faults: [], servesNow: null },
    ];
    const { header } = record({ flows: FLOWS });
    const dirs = await written({ header, events, samples: [] }, [100, 200], 'run');
    const merged = await mergeRecords([dirs[0]!], () => join(folder, 'all'));
    const { run, judgement } = await judgeRecord(merged);
    expect(run.header.shards?.map(({ problems }) => problems)).toEqual([[], [], []]);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 94 });
    expect(judgement.reasons[0]).toContain('the target is unhealthy');
    const told = await mergeRecords([dirs[0]!], () => join(folder, 'told'), new Map([[2, ['shard 2 was lost']]]));
    expect((await judgeRecord(told)).run.header.shards?.map(({ problems }) => problems)).toEqual([
      [],
      ['shard 2 was lost'],
      [],
    ]);
  });
});
