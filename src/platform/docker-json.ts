/** What an engine sent, read as if it meant harm: a value of another kind is none. */
export type Json = Readonly<Record<string, unknown>>;

/** A mapping; empty where it is none. */
export function mapping(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** A list; null where it is none. */
export function list(value: unknown): unknown[] | null {
  return Array.isArray(value) ? value : null;
}

/** A text of at most `most` characters; empty where it is none. */
export function text(value: unknown, most: number): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** A whole number, also one written as a text; null where it is none. */
export function whole(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : null;
}
