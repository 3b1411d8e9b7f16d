import { type Random, seededRandom, seedOf } from '../model/random.js';
import type { Feed, Slot, Template } from '../wire/plan.js';

/** What one request's values come from. */
export interface RenderContext {
  seq: number;
  random: Random;
  /** The row of each feed, by the feed's number. */
  rows: Record<string, string>[];
  /** Wall time, ms since 1970. */
  wallMs: number;
}

/** How a value is written into its surroundings. */
export type Encoding = 'path' | 'header' | 'json' | 'plain';

/** The values of one arrival: the same seed, arrival and feeds give the same values. */
export function renderContext(
  seed: number,
  arrival: { seq: number; flowSeq: number },
  feeds: readonly Feed[],
  wallMs: number,
): RenderContext {
  const random = seededRandom(seedOf(seed, arrival.seq));
  const rows = feeds.map(({ order, rows: all }) => {
    const at = order === 'random' ? Math.floor(random() * all.length) : arrival.flowSeq % all.length;
    return all[at] ?? {};
  });
  return { seq: arrival.seq, random, rows, wallMs };
}

/** Puts a text together; what a value holds can end neither a header nor a JSON string. */
export function render(template: Template, encoding: Encoding, context: RenderContext): string {
  let text = '';
  for (const part of template) text += typeof part === 'string' ? part : encoded(slotValue(part, context), encoding);
  return text;
}

function slotValue(slot: Slot, { seq, random, rows, wallMs }: RenderContext): string {
  switch (slot.value) {
    case 'uuid':
      return uuid(random);
    case 'timestamp':
      return String(Math.round(wallMs));
    case 'seq':
      return String(seq);
    case 'int':
      return String(slot.min + Math.floor(random() * (slot.max - slot.min + 1)));
    case 'text':
      return Array.from({ length: slot.length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');
    case 'data':
      return rows[slot.feed]?.[slot.column] ?? '';
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** A UUID of version 4 (RFC 9562, 5.4). */
function uuid(random: Random): string {
  const bytes = Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function encoded(value: string, encoding: Encoding): string {
  switch (encoding) {
    case 'path':
      return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));
    case 'header':
      return value.replace(/[\p{Cc}]/gu, ' ');
    case 'json':
      return JSON.stringify(value).slice(1, -1);
    case 'plain':
      return value;
  }
}
