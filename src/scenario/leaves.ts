import { z } from 'zod';
import { formatCount, formatMs, parseDuration, parseRate } from '../model/units.js';
import { show } from './suggest.js';

/** What a text that stands for a value may also be in the file: an expression, filled in before it is checked. */
const OR_EXPRESSION = '|\\$\\{';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Upper and lower bounds of everything a scenario counts or measures. Times in ms. */
export const BOUNDS = {
  /** Of all shards together: every one of them computes the whole schedule, which at this rate takes up to a sixth of a core. */
  ratePerSec: { min: 0.1, max: 200_000 },
  requestTimeout: { min: 1, max: 5 * MINUTE },
  warmup: { min: 0, max: 10 * MINUTE },
  baseline: { min: SECOND, max: HOUR },
  stepTimeout: { min: 100, max: 24 * HOUR },
  hold: { min: 0, max: 24 * HOUR },
  windowRequests: { min: 1, max: 100_000_000 },
  within: { min: 100, max: 24 * HOUR },
  hookTimeout: { min: 100, max: 10 * MINUTE },
  port: { min: 1, max: 65_535 },
  interval: { min: 1, max: MINUTE },
  delayAbortEval: { min: 0, max: 24 * HOUR },
  maxDuration: { min: SECOND, max: 7 * 24 * HOUR },
  consecutive: { min: 1, max: 10_000 },
  pool: { min: 1, max: 20_000 },
  maxInFlight: { min: 1, max: 1_000_000 },
  weight: { min: 0.000_001, max: 1_000_000 },
  status: { min: 200, max: 599 },
  blockedStatus: { min: 400, max: 599 },
  timeUnit: { min: 1, max: HOUR },
  stage: { min: 0, max: 24 * HOUR },
  threads: { min: 1, max: 16 },
  seed: { min: 0, max: 4_294_967_295 },
  clients: { min: 1, max: 100_000 },
  probeEvery: { min: 20, max: 10 * MINUTE },
  probeTimeout: { min: 100, max: 5 * MINUTE },
  gap: { min: 0, max: HOUR },
  upload: { min: 1, max: 1024 ** 3 },
  uploadOver: { min: 100, max: 10 * MINUTE },
  idleConnections: { min: 1, max: 10_000 },
  streams: { min: 1, max: 1000 },
  sessions: { min: 1, max: 1000 },
  assets: { min: 1, max: 1000 },
} as const;

interface Range {
  min: number;
  max: number;
}

/** What a duration should look like, or why it is out of range; null where it is fine. */
export function durationProblem(value: unknown, { min, max }: Range): string | null {
  if (typeof value === 'number') return `\`${value}\` has no unit: write \`${value}s\` (or \`${value}ms\`)`;
  const ms = typeof value === 'string' ? parseDuration(value) : null;
  if (ms === null) {
    if (typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value)) {
      return `\`${value}\` has no unit: write \`${value}s\` (or \`${value}ms\`)`;
    }
    return `expected a duration such as \`5s\`, \`250ms\` or \`1m30s\`, got ${show(value)}`;
  }
  if (ms < min) return `\`${value}\` is too short: at least ${formatMs(min)}`;
  return ms > max ? `\`${value}\` is too long: at most ${formatMs(max)}` : null;
}

export function duration(range: Range, description: string) {
  const error = ({ input }: { input?: unknown }) => durationProblem(input, range) ?? '';
  return z
    .string({ error })
    .refine((text) => durationProblem(text, range) === null, { error })
    .meta({ description, pattern: `^(\\d+(\\.\\d+)?(us|ms|s|m|h))+$${OR_EXPRESSION}` });
}

/** Why nothing can arrive at this rate; null where it can. */
export function rateProblem(perSec: number, shown: unknown): string | null {
  const { min, max } = BOUNDS.ratePerSec;
  if (perSec < min) return `${show(shown)} is too slow to show anything: at least 1 arrival in 10 s (\`6/m\`)`;
  return perSec > max ? `${show(shown)} is more than all shards send: at most ${formatCount(max)}/s` : null;
}

/** A number without a unit is per second, or per `timeUnit` where there is one: how much it is the reader checks. */
export function rate(description: string) {
  const problemOf = (value: unknown): string | null => {
    const isRate = (typeof value === 'string' || typeof value === 'number') && parseRate(String(value)) !== null;
    return isRate ? null : `expected a rate such as \`200/s\` or \`90/m\`, got ${show(value)}`;
  };
  const error = ({ input }: { input?: unknown }) => problemOf(input) ?? '';
  return z
    .union([z.number(), z.string().meta({ pattern: `^\\d+(\\.\\d+)?(/(ms|s|m|h))?$${OR_EXPRESSION}` })], { error })
    .refine((value) => problemOf(value) === null, { error })
    .meta({ description });
}

const BYTES: Readonly<Record<string, number>> = { B: 1, kB: 1000, KiB: 1024, MB: 1000 ** 2, MiB: 1024 ** 2 };

/** Bytes of `64KiB`, `1MiB`, `500kB`; null where the text is no size. A unit is required. */
export function parseSize(text: string): number | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const factor = Object.hasOwn(BYTES, unit) ? BYTES[unit] : undefined;
  return factor === undefined ? null : Math.round(Number(number) * factor);
}

export function size(range: Range, description: string) {
  const problemOf = (value: unknown): string | null => {
    const bytes = typeof value === 'string' ? parseSize(value) : null;
    if (bytes === null) return `expected a size such as \`64KiB\` or \`1MiB\`, got ${show(value)}`;
    if (bytes < range.min) return `${show(value)} is too small: at least ${range.min} B`;
    return bytes > range.max ? `${show(value)} is too large: at most ${range.max / 1024 ** 2}MiB` : null;
  };
  const error = ({ input }: { input?: unknown }) => problemOf(input) ?? '';
  return z
    .string({ error })
    .refine((text) => problemOf(text) === null, { error })
    .meta({ description, pattern: `^\\d+(\\.\\d+)? ?(B|kB|KiB|MB|MiB)$${OR_EXPRESSION}` });
}

/** A number, or the text of one (an expression's value is text). */
export function amount(range: Range, what: string, description: string, whole = true) {
  const problemOf = (value: unknown): string | null => {
    const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
    const kind = whole ? 'a whole number' : 'a number';
    if (typeof number !== 'number' || !Number.isFinite(number) || (whole && !Number.isInteger(number))) {
      return `expected ${kind} (${what}), got ${show(value)}`;
    }
    if (number < range.min) return `${show(value)} is too small: at least ${range.min} (${what})`;
    return number > range.max ? `${show(value)} is too large: at most ${range.max} (${what})` : null;
  };
  const error = ({ input }: { input?: unknown }) => problemOf(input) ?? '';
  return z
    .union([z.number(), z.string().meta({ pattern: `^\\d+(\\.\\d+)?$${OR_EXPRESSION}` })], { error })
    .refine((value) => problemOf(value) === null, { error })
    .meta({ description });
}

/** True or false, or the text of one. */
export function flag(description: string) {
  const problemOf = (value: unknown): string | null =>
    typeof value === 'boolean' || value === 'true' || value === 'false'
      ? null
      : `expected \`true\` or \`false\`, got ${show(value)}`;
  const error = ({ input }: { input?: unknown }) => problemOf(input) ?? '';
  return z
    .union([z.boolean(), z.string().meta({ pattern: `^(true|false)$${OR_EXPRESSION}` })], { error })
    .refine((value) => problemOf(value) === null, { error })
    .meta({ description });
}

/** The number behind what `amount` let through. */
export function numberOf(value: number | string): number {
  return Number(value);
}

/** The truth behind what `flag` let through. */
export function isTrue(value: boolean | string | undefined): boolean {
  return value === true || value === 'true';
}

/** A share of 0 to 1 for `80%` (or `80 %`); null where the text is none. */
export function parsePercent(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) ?%$/.exec(text);
  const share = match === null ? null : Number(match[1]) / 100;
  return share === null || share > 1 ? null : share;
}

export function percent(description: string) {
  const problemOf = (value: unknown): string | null => {
    if (typeof value === 'number') return `expected a share of the arrivals: write \`${value}%\``;
    if (typeof value === 'string' && parsePercent(value) !== null) return null;
    return `expected a share such as \`80%\`, from 0 to 100, got ${show(value)}`;
  };
  const error = ({ input }: { input?: unknown }) => problemOf(input) ?? '';
  return z
    .string({ error })
    .refine((text) => problemOf(text) === null, { error })
    .meta({ description, pattern: `^\\d+(\\.\\d+)? ?%$${OR_EXPRESSION}` });
}

/** Text that is not empty, of one line, with an end. */
export function text(what: string, description: string, maxChars = 2000) {
  const problemOf = (value: unknown): string | null => {
    if (typeof value !== 'string')
      return `expected ${what}, got ${show(value)}${typeof value === 'number' ? '; put it in quotes' : ''}`;
    if (value.trim() === '') return `expected ${what}, got an empty text`;
    if (/\p{Cc}/u.test(value)) return `${what}: control characters and line breaks are not allowed`;
    return value.length > maxChars ? `${what}: more than ${maxChars} characters` : null;
  };
  const error = ({ input }: { input?: unknown }) => problemOf(input) ?? '';
  return z
    .string({ error })
    .refine((value) => problemOf(value) === null, { error })
    .meta({ description });
}

/** One of a few words. */
export function choice<const T extends readonly [string, ...string[]]>(values: T, description: string) {
  const list = values.map((value) => `\`${value}\``).join(', ');
  return z
    .enum(values, { error: ({ input }) => `expected ${values.length > 1 ? 'one of ' : ''}${list}, got ${show(input)}` })
    .meta({ description });
}

/** A text, number or boolean, where only its text counts. */
export function scalar(what: string) {
  const error = ({ input }: { input?: unknown }) => `expected ${what}, got ${show(input)}`;
  return z.union([z.string(), z.number(), z.boolean()], { error });
}
