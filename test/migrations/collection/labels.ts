import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Major } from './cases.ts';

/** What was measured of one migration on one server. */
export interface Label {
  unsafe: boolean;
  /** Each thing that makes it so. */
  why: string[];
  rows: { small: number; large: number };
  /** The longest wait of an old query for a lock of the migration. */
  blockedMs: { small: number; large: number };
  migrationMs: { small: number; large: number };
  /** More than one where the first was doubtful or the machine busy; the figures are those of the last that tells. */
  attempts: number;
}

export interface Labels {
  /** The day. */
  measured: string;
  servers: Record<Major, string>;
  cases: Record<string, Record<Major, Label>>;
}

/** Written by `measure.ts` and by nobody else. */
export const LABELS = fileURLToPath(new URL('labels.json', import.meta.url));

export function readLabels(): Labels {
  return JSON.parse(readFileSync(LABELS, 'utf8')) as Labels;
}
