import { query } from 'json-p3';
import type { Exchange } from '../wire/exchange.js';

/** A place in an answer. */
export type Place = { from: 'header'; name: string } | { from: 'json'; path: string } | { from: 'body' };

const MOST_TEXT = 8192;

/** The text, or number, at a place of an answer; null where there is none. At most 8,192 characters. */
export function textAt(place: Place, { headers, body }: Pick<Exchange, 'headers' | 'body'>): string | null {
  if (place.from === 'header') return headers[place.name.toLowerCase()]?.slice(0, MOST_TEXT) ?? null;
  const text = body?.toString('utf8') ?? '';
  if (place.from === 'body') return text === '' ? null : text.slice(0, MOST_TEXT);
  try {
    const value = query(place.path, JSON.parse(text)).values()[0];
    return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, MOST_TEXT) : null;
  } catch {
    // Not JSON, or nested too deep to be read: the server's doing.
    return null;
  }
}
