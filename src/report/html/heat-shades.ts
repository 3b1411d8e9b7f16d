import { formatCount } from '../../model/units.js';
import type { ColourName } from '../palette.js';

/** One hue from faint to strong: told apart without colour vision too. */
const SHADES = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5'] as const satisfies readonly ColourName[];

export interface Shades {
  most: number;
  levels: { from: number; colour: ColourName; text: string }[];
}

/** Shades for counts from 1 to the highest, even on a logarithmic scale; fewer where the counts are few. */
export function shadesOf(rows: readonly (readonly number[])[]): Shades {
  const most = rows.reduce((top, row) => row.reduce((a, b) => Math.max(a, b), top), 0);
  const limits = SHADES.map((_, level) => Math.ceil((most + 1) ** (level / SHADES.length) - 1e-9));
  const distinct = [...new Set(limits)].filter((limit) => limit <= most);
  const levels = distinct.map((from, level) => {
    const to = (distinct[level + 1] ?? most + 1) - 1;
    const place = distinct.length === 1 ? SHADES.length - 1 : (level * (SHADES.length - 1)) / (distinct.length - 1);
    const text = from === to ? formatCount(from) : `${formatCount(from)} to ${formatCount(to)}`;
    return { from, colour: SHADES[Math.round(place)] as ColourName, text };
  });
  return { most, levels };
}

/** -1 for a count of 0. */
export function levelOf({ levels }: Shades, count: number): number {
  return levels.findLastIndex(({ from }) => count >= from);
}
