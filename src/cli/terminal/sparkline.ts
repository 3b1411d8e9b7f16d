const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * The last `width` values as bars from 0 to the highest of them. Zero is the lowest bar and anything above it at
 * least the second: one failure among thousands must be seen. Null is a blank.
 */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const highest = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown.map((value) => (value === null ? ' ' : barOf(value, highest))).join('');
}

function barOf(value: number, highest: number): string {
  if (value <= 0) return BARS[0];
  return BARS[Math.max(1, Math.round((value / highest) * (BARS.length - 1)))] as string;
}
