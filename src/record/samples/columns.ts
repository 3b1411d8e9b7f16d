import { CAUSES, OUTCOME_KINDS } from '../../model/sample.js';

/**
 * How a column lies in the file. Dictionaries (`int8`, `int16`: the width of their keys) never change within a file;
 * a text that nobody knows beforehand is plain.
 */
export type ColumnKind = 'int64' | 'uint32' | 'uint16' | 'float64' | 'bool' | 'utf8' | 'int8' | 'int16';

export interface Column {
  name: string;
  kind: ColumnKind;
  nullable: boolean;
  /** Texts of the dictionary; `flows`: the names of the header's flows. */
  dictionary: readonly string[] | 'flows' | null;
}

/** Columns of `samples.arrow`, in their order. Times are ms since the run's start. */
export const COLUMNS: readonly Column[] = [
  column('seq', 'int64'),
  column('flow', 'int16', { dictionary: 'flows' }),
  column('connection', 'int8', { dictionary: ['fresh', 'reused'] }),
  column('connection_id', 'uint32'),
  column('reuse', 'uint32'),
  column('idle_ms', 'float64'),
  column('due_ms', 'float64'),
  column('sent_ms', 'float64', { nullable: true }),
  column('connected_ms', 'float64', { nullable: true }),
  column('first_byte_ms', 'float64', { nullable: true }),
  column('ended_ms', 'float64'),
  column('outcome', 'int8', { dictionary: OUTCOME_KINDS }),
  column('cause', 'int8', { dictionary: CAUSES, nullable: true }),
  column('status', 'uint16', { nullable: true }),
  column('detail', 'utf8', { nullable: true }),
  column('version', 'utf8', { nullable: true }),
  column('bytes', 'int64'),
  column('cached', 'bool'),
  column('phase', 'utf8'),
];

/** Rows of one record batch at most. */
export const BATCH_ROWS = 8192;
/** A batch is closed early when one of its text columns holds this many bytes. */
export const BATCH_TEXT_BYTES = 4 * 2 ** 20;

function column(name: string, kind: ColumnKind, rest: Partial<Column> = {}): Column {
  return { name, kind, nullable: false, dictionary: null, ...rest };
}
