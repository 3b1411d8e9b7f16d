import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { messageOf, ZddError } from '../model/errors.js';
import { JOURNAL_FILE, SAMPLES_FILE } from '../record/recorder.js';
import { exportSamples } from '../record/replay.js';
import type { Format } from '../record/samples/rows.js';

interface ExportOptions {
  csv?: boolean;
  ndjson?: boolean;
  out?: string;
  force?: boolean;
}

export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Writes every request of a recorded run as CSV or as one JSON object a line: when it was due, sent, connected, ' +
        'answered and ended, its flow and phase, and what became of it. To stdout, or to a file.',
    )
    .argument('<dir>', 'run directory')
    .option('--csv', 'comma-separated values with a header (RFC 4180)')
    .option('--ndjson', 'one JSON object a line')
    .option('--out <file>', 'write to this file, which must not exist')
    .option('--force', 'write over the file of --out')
    .addHelpText('after', HELP_AFTER)
    .action(async (dir: string, options: ExportOptions) => {
      const format = formatOf(options);
      const text = Readable.from(exportSamples(dir, format), { objectMode: false });
      if (options.out === undefined) return toStdout(text);
      await toFile(text, dir, options.out, options.force ?? false);
      process.stdout.write(`${options.out}\n`);
    });
}

const HELP_AFTER = `
Times are milliseconds since the run's start. What did not happen is empty (null in JSON): an arrival that was not sent
has no sent_ms, a success no cause. The columns detail and version hold text of the server as it came: it is data, so
let a spreadsheet import them as text, never as formulas.

The record itself, samples.arrow in the run directory, is an Arrow IPC stream with the same columns:
  pyarrow.ipc.open_stream("samples.arrow").read_all()      polars.read_ipc_stream("samples.arrow")

Examples:
  $ zdd-verify export reports/20261120-1012-ab12cd --csv --out requests.csv
  $ zdd-verify export reports/20261120-1012-ab12cd --ndjson | jq 'select(.outcome != "ok")'
  $ zdd-verify export reports/20261120-1012-ab12cd --csv | head`;

function formatOf({ csv = false, ndjson = false }: ExportOptions): Format {
  if (csv !== ndjson) return csv ? 'csv' : 'ndjson';
  throw new ZddError('USAGE', csv ? 'give one of --csv and --ndjson' : 'give --csv or --ndjson', {
    hint: '`zdd-verify export --help` has examples.',
  });
}

/** A reader that has seen enough (`| head`) ends the export and is no error. */
async function toStdout(text: Readable): Promise<void> {
  try {
    await pipeline(text, process.stdout as Writable, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

async function toFile(text: Readable, dir: string, path: string, force: boolean): Promise<void> {
  if ([SAMPLES_FILE, JOURNAL_FILE].some((name) => resolve(path) === resolve(join(dir, name)))) {
    throw new ZddError('USAGE', `${path} is the record itself`, { hint: 'give another file with --out' });
  }
  const file = createWriteStream(path, { flags: force ? 'w' : 'wx' });
  let opened = false;
  file.once('open', () => {
    opened = true;
  });
  try {
    await pipeline(text, file);
  } catch (cause) {
    // Half an export looks like a whole one.
    if (opened) await rm(path, { force: true });
    if (cause instanceof ZddError) throw cause;
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new ZddError('OUTPUT_UNWRITABLE', exists ? `${path} exists` : `cannot write ${path}: ${messageOf(cause)}`, {
      hint: exists ? 'choose another file, or write over it with --force' : 'choose another file with --out',
      cause,
    });
  }
}
