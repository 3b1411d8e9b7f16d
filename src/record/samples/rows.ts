import { CAUSES, NO_CAUSE, OUTCOME_KINDS } from '../../model/sample.js';
import type { RecordedBatch } from './batch.js';
import { COLUMNS } from './columns.js';

type Value = string | number | boolean | null;

export type Format = 'csv' | 'ndjson';

/** What stands before the first row. */
export function headOf(format: Format): string {
  return format === 'csv' ? csvLine(COLUMNS.map(({ name }) => name)) : '';
}

/** The rows of a batch as text, one line each (a CSV field may hold line ends of its own). */
export function textOf(batch: RecordedBatch, flows: readonly string[], format: Format): string {
  const line = format === 'csv' ? csvLine : jsonLine;
  let text = '';
  for (let row = 0; row < batch.count; row++) text += line(valuesOf(batch, row, flows));
  return text;
}

/** One row in the order of the columns. */
function valuesOf(batch: RecordedBatch, row: number, flows: readonly string[]): Value[] {
  const cause = batch.cause[row] as number;
  return [
    batch.seq[row] as number,
    flows[batch.flow[row] as number] as string,
    batch.reused[row] === 1 ? 'reused' : 'fresh',
    batch.connectionId[row] as number,
    batch.reuse[row] as number,
    batch.idleMs[row] as number,
    batch.dueAt[row] as number,
    timeOrNull(batch.sentAt[row] as number),
    timeOrNull(batch.connectedAt[row] as number),
    timeOrNull(batch.firstByteAt[row] as number),
    batch.endedAt[row] as number,
    OUTCOME_KINDS[batch.outcome[row] as number] as string,
    cause === NO_CAUSE ? null : (CAUSES[cause] as string),
    batch.status[row] === 0 ? null : (batch.status[row] as number),
    textOrNull(batch, batch.detail[row] as number),
    textOrNull(batch, batch.version[row] as number),
    batch.bytes[row] as number,
    batch.cached[row] === 1,
    textOrNull(batch, batch.phase[row] as number),
  ];
}

function timeOrNull(time: number): number | null {
  return Number.isNaN(time) ? null : time;
}

function textOrNull({ texts }: RecordedBatch, place: number): string | null {
  return place === 0 ? null : (texts[place] ?? null);
}

/** RFC 4180: fields with a separator, a quote or a line end are quoted; a field without a value is empty. */
function csvLine(values: readonly Value[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: Value): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

function jsonLine(values: readonly Value[]): string {
  return `{${values.map((value, index) => `${KEYS[index]}${JSON.stringify(value)}`).join(',')}}\n`;
}

const KEYS = COLUMNS.map(({ name }) => `"${name}":`);
