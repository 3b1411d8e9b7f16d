/** Where the name of a band goes: its row (0 is nearest to the chart) and the side of `x` it is written on. */
export interface PlacedLabel {
  text: string;
  x: number;
  row: number;
  anchor: 'start' | 'end';
}

/**
 * Puts the names of neighbouring bands in rows so that none covers another, the first row that is free; a name that
 * finds none within `maxRows` is left to the table. `x` and `width` in pixels.
 */
export function placeLabels(
  bands: readonly { label: string; from: number; to: number }[],
  {
    pixelsPerMs,
    width,
    charWidth,
    maxRows,
  }: { pixelsPerMs: number; width: number; charWidth: number; maxRows: number },
): PlacedLabel[] {
  const taken: [number, number][][] = Array.from({ length: maxRows }, () => []);
  const placed: PlacedLabel[] = [];
  for (const band of bands) {
    const text = band.label.length > 28 ? `${band.label.slice(0, 27)}…` : band.label;
    const size = [...text].length * charWidth + 10;
    const from = band.from * pixelsPerMs;
    const anchor = from + size <= width ? 'start' : 'end';
    const x = anchor === 'start' ? from : Math.min(width, band.to * pixelsPerMs);
    const [left, right] = anchor === 'start' ? [x, x + size] : [x - size, x];
    if (left < 0) continue;
    const row = taken.findIndex((spans) => spans.every(([a, b]) => right <= a || left >= b));
    if (row === -1) continue;
    taken[row]?.push([left, right]);
    placed.push({ text, x, row, anchor });
  }
  return placed;
}
