import { describe, expect, it } from 'vitest';
import { checkStepMigrations } from '../../src/conductor/check-migrations.js';
import type { RunContext } from '../../src/conductor/context.js';
import { Halt } from '../../src/conductor/halt.js';
import type { MigrationsEvent } from '../../src/model/migrations.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { Recorder } from '../../src/record/recorder.js';
import type { StepMigrations } from '../../src/steps/step.js';
import { emptyFolder } from '../setup/empty-folder.ts';

const ADD = 'SET lock_timeout = 100;\nALTER TABLE items ADD COLUMN a int;\n';
const INDEX = '-- for the search\nCREATE INDEX ON items (a);\n';

function sql(text: string, more: Partial<StepMigrations> = {}): StepMigrations {
  return {
    files: [{ file: 'db/1.sql', text }],
    schema: [],
    oldQueries: null,
    transaction: 'per-statement',
    postgres: 15,
    trace: false,
    refuse: 'never',
    ...more,
  };
}

/** What is refused, and what is recorded, of steps with this SQL. */
async function check(
  parts: Record<'setup' | 'steps' | 'rollback', (StepMigrations | null)[]>,
  halt = new Halt(),
): Promise<{ refusals: string[]; events: MigrationsEvent[] }> {
  const events: MigrationsEvent[] = [];
  const recorder = await Recorder.create(`${await emptyFolder()}/run`, {
    redact: (value) => value,
    onFault: (reason) => {
      throw new Error(reason);
    },
    listener: { event: (event) => event.type === 'migrations' && events.push(event), sample: () => {} },
  });
  const named = (what: string, all: (StepMigrations | null)[]) =>
    all.map((migrations, index) => ({ name: `${what}-${index + 1}`, migrations }));
  const context = {
    ...{ recorder, halt, clock: clockSince(monotonicNs()), onProgress: () => {} },
    scenario: {
      setup: named('setup', parts.setup),
      steps: named('step', parts.steps),
      rollback: named('rollback', parts.rollback),
      teardown: [],
    },
  } as unknown as RunContext;
  const refusals = await checkStepMigrations(context);
  await recorder.close();
  return { refusals, events };
}

const one = (migrations: StepMigrations) => check({ setup: [], steps: [migrations], rollback: [] });

describe('the SQL of steps, before the run', () => {
  it('is checked step by step, in the order of the steps, and recorded with its places', async () => {
    const { refusals, events } = await check({ setup: [sql(ADD)], steps: [null, sql(INDEX)], rollback: [sql(ADD)] });
    expect(refusals).toEqual([]);
    expect(events.map(({ step, refused, problem }) => [step, refused, problem])).toEqual([
      ['setup-1', false, null],
      ['step-2', false, null],
      ['rollback-1', false, null],
    ]);
    expect(events[1]?.check?.findings).toContainEqual(
      expect.objectContaining({ file: 'db/1.sql', line: 2, column: 1, rule: 'create-index', severity: 'error' }),
    );
    expect(events[1]?.ms).toBeGreaterThan(0);
  });

  it('keeps the run from beginning where that is asked for and an error stands', async () => {
    const { refusals, events } = await one(sql(INDEX, { refuse: 'error' }));
    expect(refusals).toEqual([expect.stringMatching(/^the SQL of step-1 is unsafe: db\/1\.sql:2:1: /)]);
    expect(events[0]?.refused).toBe(true);
    expect((await one(sql(ADD, { refuse: 'error' }))).refusals).toEqual([]);
  });

  it('takes what is there already into account', async () => {
    const created = await one(sql(`CREATE TABLE new (a int);\n${INDEX.replace('items', 'new')}`, { refuse: 'error' }));
    expect(created.refusals).toEqual([]);
    const schema = [{ file: 'schema.sql', text: 'CREATE TABLE new (a int);' }];
    const there = await one(sql(INDEX.replace('items', 'new'), { refuse: 'error', schema }));
    expect(there.refusals).toHaveLength(1);
  });

  it('that is no SQL is an error like others', async () => {
    const { refusals, events } = await one(sql('ALTER TABEL items;', { refuse: 'error' }));
    expect(refusals).toHaveLength(1);
    expect(events[0]?.check?.findings[0]).toMatchObject({ line: 1, severity: 'error' });
  });

  it('is left alone once the run is to end', async () => {
    const halt = new Halt();
    halt.request({ cause: 'signal', detail: 'SIGINT' });
    const { refusals, events } = await check(
      { setup: [], steps: [sql(INDEX, { refuse: 'error' })], rollback: [] },
      halt,
    );
    expect([refusals, events]).toEqual([[], []]);
  });

  it('of any size leaves a record of bounded size, errors first', async () => {
    const many = `${ADD.repeat(700)}${INDEX}`;
    const { events } = await one(sql(many));
    expect(events[0]?.check?.findings.length).toBeLessThanOrEqual(500);
    expect(events[0]?.dropped).toBeGreaterThan(0);
    expect(events[0]?.check?.findings[0]?.severity).toBe('error');
  });
});
