/** A column as far as a value for it has to be known. */
export interface FillColumn {
  name: string;
  /** Of the type itself, or of a domain's base: `int4`, `varchar`; the element's for an array. */
  type: string;
  /** As SQL writes it: `character varying(20)`, `orders.state`. */
  written: string;
  isArray: boolean;
  /** Of `character(n)`, `varchar(n)` and `bit(n)`; null where there is none. */
  length: number | null;
  /** Digits before the point of a `numeric(p, s)`; null where there is none. */
  digits: number | null;
  /** Of an enumeration; empty for others. */
  labels: readonly string[];
  nullable: boolean;
  /** Values that a CHECK constraint lists; empty where none does. */
  allowed: readonly string[];
  /** A CHECK constraint or the name says that it holds an address. */
  isEmail: boolean;
}

/**
 * A value for row `g` (SQL of a positive integer), as SQL; null where none is known. Texts are plain numbers: they are
 * short, they differ, and they can be cast to most other types.
 */
export function sqlValue(column: FillColumn, g: string): string | null {
  const single = singleOf(column, g);
  if (single === null) return null;
  return column.isArray ? `array[${single}]::${column.written}` : `(${single})::${column.written}`;
}

function singleOf(column: FillColumn, g: string): string | null {
  if (column.allowed.length > 0) return oneOf(column.allowed, g);
  if (column.labels.length > 0) return oneOf(column.labels, g);
  if (column.isEmail && TEXTS.has(column.type)) return shortened(`'user' || ${g} || '@example.org'`, column, g);
  return VALUES[column.type]?.(g, column) ?? null;
}

function oneOf(values: readonly string[], g: string): string {
  return `(array[${values.map(literal).join(', ')}])[1 + (${g}) % ${values.length}]`;
}

export function literal(text: string): string {
  const escaped = text.replaceAll("'", "''").replaceAll('\\', '\\\\');
  return text.includes('\\') ? `E'${escaped}'` : `'${escaped}'`;
}

const TEXTS = new Set(['text', 'varchar', 'bpchar', 'citext', 'name']);

function shortened(text: string, { length }: FillColumn, g: string): string {
  // The last digits are the ones that differ.
  return length === null || length >= 30 ? text : `right(${g}::text, ${length})`;
}

const number = (g: string) => g;
const words = (g: string, column: FillColumn) => shortened(`${g}::text`, column, g);

const VALUES: Readonly<Record<string, (g: string, column: FillColumn) => string>> = {
  int2: (g) => `1 + (${g}) % 32000`,
  int4: number,
  int8: number,
  oid: number,
  float4: number,
  float8: number,
  numeric: (g, { digits }) => (digits === null || digits > 15 ? g : `(${g}) % ${10 ** Math.max(digits, 0)}`),
  money: (g) => `(${g})::numeric`,
  bool: (g) => `(${g}) % 2 = 0`,
  text: words,
  varchar: words,
  bpchar: words,
  citext: words,
  name: words,
  char: () => `'a'`,
  uuid: (g) => `md5((${g})::text)`,
  bytea: (g) => `decode(md5((${g})::text), 'hex')`,
  json: (g) => `'{"n": ' || ${g} || '}'`,
  jsonb: (g) => `'{"n": ' || ${g} || '}'`,
  date: (g) => `date '2020-01-01' + ((${g}) % 1500)::int`,
  time: (g) => `time '00:00' + ((${g}) % 86400) * interval '1 second'`,
  timetz: (g) => `time '00:00' + ((${g}) % 86400) * interval '1 second'`,
  timestamp: (g) => `timestamp '2020-01-01' + (${g}) * interval '1 minute'`,
  timestamptz: (g) => `timestamptz '2020-01-01 00:00+00' + (${g}) * interval '1 minute'`,
  interval: (g) => `(${g}) * interval '1 second'`,
  inet: (g) => `inet '10.0.0.0' + (${g})::int8`,
  cidr: (g) => `host(inet '10.0.0.0' + (${g})::int8)`,
  macaddr: (g) => `substr(md5((${g})::text), 1, 12)`,
  bit: (g, { length }) => `(${g})::int8::bit(${length ?? 1})`,
  varbit: (g) => `(${g})::int8::bit(32)`,
  xml: (g) => `'<n>' || ${g} || '</n>'`,
  tsvector: (g) => `to_tsvector('simple', (${g})::text)`,
  point: (g) => `point(${g}, ${g})`,
  hstore: (g) => `'n=>' || ${g}`,
  int4range: (g) => `int4range((${g})::int, (${g})::int + 1)`,
  int8range: (g) => `int8range(${g}, (${g}) + 1)`,
  numrange: (g) => `numrange(${g}, (${g}) + 1)`,
  daterange: (g) => `daterange(date '2020-01-01' + (${g})::int, date '2020-01-01' + (${g})::int + 1)`,
  tsrange: (g) =>
    `tsrange(timestamp '2020-01-01' + (${g}) * interval '1 hour', timestamp '2020-01-01' + ((${g}) + 1) * interval '1 hour')`,
  tstzrange: (g) =>
    `tstzrange(timestamptz '2020-01-01 00:00+00' + (${g}) * interval '1 hour', timestamptz '2020-01-01 00:00+00' + ((${g}) + 1) * interval '1 hour')`,
};
