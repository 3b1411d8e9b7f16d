import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../../src/record/replay.js';
import { sample } from './build-run.js';
import { type RunFolder, runFolder, SECRET } from './run-folder.js';
import { anySample, plainSamples } from './samples.js';

let run: RunFolder;
beforeEach(async () => {
  run = await runFolder();
});
afterEach(() => run.remove());

const samplesFile = () => join(run.dir, 'samples.arrow');

describe('the record', () => {
  it('reads back what was heard while it was written, whatever the samples', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anySample, { maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        async (list, perBatch) => {
          const own = await runFolder();
          try {
            await own.write(list, { perBatch, events: [{ type: 'note', at: 5, text: 'a note' }] });
            expect(await own.readBack()).toEqual(own.heard);
            expect(own.heard.slice(2)).toEqual(list);
          } finally {
            await own.remove();
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('reads back many samples from several batches', async () => {
    await run.write(plainSamples(20_000), { perBatch: 20_000 });
    expect((await run.readBack()).slice(1)).toEqual(plainSamples(20_000));
  });

  it('reads back an event that holds what some take for the end of a line', async () => {
    const text = 'one\u2028two\u2029three\rfour\nfive\u0085six';
    await run.write([], { events: [{ type: 'output', at: 5, step: 'deploy', line: text }] });
    expect((await run.readBack()).at(-1)).toMatchObject({ line: text });
  });

  it('holds no secret, in the files or in what is heard', async () => {
    const detail = `the token is ${SECRET}`;
    await run.write([sample({ seq: 0, dueAt: 0, outcome: { kind: 'lost', cause: 'reset', status: null, detail } })], {
      events: [{ type: 'note', at: 5, text: detail }],
    });
    expect(JSON.stringify(run.heard)).toContain('the token is [redacted]');
    expect(JSON.stringify(run.heard)).not.toContain(SECRET);
    for (const name of await readdir(run.dir)) {
      if (name !== 'steps') expect(await readFile(join(run.dir, name), 'latin1')).not.toContain(SECRET);
    }
  });

  it('has with the system what was flushed, also where it is never closed', async () => {
    await run.write(plainSamples(100), { close: false });
    expect(await run.readBack()).toEqual(run.heard);
  });

  it('leaves out a torn last line of the journal', async () => {
    await run.write(plainSamples(3));
    await appendFile(join(run.dir, 'journal.ndjson'), '{"type":"no');
    expect(await run.readBack()).toEqual(run.heard);
  });

  it('refuses a journal that is damaged before its last line', async () => {
    await run.write([], { events: [{ type: 'note', at: 5, text: 'one' }] });
    const path = join(run.dir, 'journal.ndjson');
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, [lines[0]?.slice(0, 50), ...lines.slice(1)].join('\n'));
    await expect(run.readBack()).rejects.toThrow(/journal\.ndjson:1 is damaged/);
  });

  it('refuses a folder that holds no run, and says what to give', async () => {
    await expect(replay('/tmp/zdd-nothing-here', () => ({ event: () => {}, sample: () => {} }))).rejects.toMatchObject({
      code: 'RECORD_UNREADABLE',
      hint: expect.stringContaining('run directory'),
    });
  });

  it('refuses to write into a run directory that exists', async () => {
    await run.write([]);
    await expect(run.recorder()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});

describe('samples that were cut', () => {
  /** How many batches of ten are read from a file cut to `length`. */
  const batchesOf = async (content: Uint8Array, length: number): Promise<number> => {
    await writeFile(samplesFile(), content.subarray(0, length));
    const rows = (await run.readBack()).slice(1);
    expect(rows).toEqual(plainSamples(50).slice(0, rows.length));
    return rows.length / 10;
  };

  it('lose the last batch and nothing else, wherever the cut is', async () => {
    await run.write(plainSamples(50), { perBatch: 10 });
    const whole = await readFile(samplesFile());
    let before = 0;
    for (let length = 0; length < whole.length; length += length % 8 === 0 ? 3 : 37) {
      const batches = await batchesOf(whole, length);
      expect(Number.isInteger(batches) && batches >= before && batches <= before + 1).toBe(true);
      before = batches;
    }
    expect(before).toBeGreaterThanOrEqual(4);
    expect(await batchesOf(whole, whole.length)).toBe(5);
  });
});

describe('samples that were changed', () => {
  /** Reads a file with one bit turned over: the number of its rows, or the error. */
  const withBit = async (content: Buffer, at: number, bit: number): Promise<number | Error> => {
    content[at] = (content[at] as number) ^ (1 << bit);
    await writeFile(samplesFile(), content);
    content[at] = (content[at] as number) ^ (1 << bit);
    return run.readBack().then(
      (seen) => seen.length - 1,
      (error: Error) => error,
    );
  };

  it.each([
    ['closed in order', true],
    ['cut at the end of a batch', false],
  ])(
    'are an error or all there, whichever bit was turned over in a file %s',
    async (_, close) => {
      await run.write(plainSamples(9), { perBatch: 3, close });
      const content = await readFile(samplesFile());
      let refused = 0;
      for (let at = 0; at < content.length; at += 11) {
        const result = await withBit(content, at, at % 8);
        if (result instanceof Error) {
          expect(result).toMatchObject({
            code: 'RECORD_UNREADABLE',
            message: expect.stringContaining('samples.arrow: '),
          });
          refused += 1;
        } else expect(result).toBe(9);
      }
      expect(refused).toBeGreaterThan(50);
    },
    60_000,
  );

  it('are an error where a closed file lost its middle, or its end', async () => {
    await run.write(plainSamples(30), { perBatch: 10 });
    const content = await readFile(samplesFile());
    await writeFile(samplesFile(), Buffer.concat([content.subarray(0, -2000), content.subarray(-1000)]));
    await expect(run.readBack()).rejects.toMatchObject({ code: 'RECORD_UNREADABLE' });
    await writeFile(samplesFile(), Buffer.concat([content.subarray(0, -1008), content.subarray(-8)]));
    await expect(run.readBack()).rejects.toThrow(/longer than what is there/);
  });

  it('are an error where they are of another run, with other flows', async () => {
    await run.write([sample({ seq: 0, dueAt: 0, flow: 'home' })]);
    const path = join(run.dir, 'journal.ndjson');
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"home"', '"start"'));
    await expect(run.readBack()).rejects.toThrow(/"home" is none of start/);
  });

  it('are an error where they are no samples at all', async () => {
    await run.write([]);
    await writeFile(samplesFile(), '["seq","other"]\n');
    await expect(run.readBack()).rejects.toThrow(/does not begin where it should/);
    await truncate(samplesFile(), 0);
    expect(await run.readBack()).toHaveLength(1);
  });
});
