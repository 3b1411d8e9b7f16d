/** Where the name of a band goes: its row (0 is nearest to the chart) and the side of `x` it is written on. */
export interface PlacedLabel {
  text: string;
  x: number;
  row: number;
  anchor: 'start' | 'end';
}

/**
 * Puts the names of neighbouring bands in rows, like flags: no name covers another, and the line from a name down to
 * its band crosses none. The last band goes first, so that an earlier name is the one that moves up. A name without a
 * free row within `maxRows` is left to the table. `x` and `width` in pixels.
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
  const rows: [number, number][][] = Array.from({ length: maxRows }, () => []);
  const free = (row: number, left: number, right: number) =>
    (rows[row] ?? []).every(([a, b]) => right <= a || left >= b);
  const placed: PlacedLabel[] = [];
  for (const band of [...bands].reverse()) {
    const text = band.label.length > 28 ? `${band.label.slice(0, 27)}…` : band.label;
    const size = [...text].length * charWidth + 10;
    const from = band.from * pixelsPerMs;
    const anchor = from + size <= width ? 'start' : 'end';
    const x = anchor === 'start' ? from : Math.min(width, band.to * pixelsPerMs);
    const [left, right] = anchor === 'start' ? [x, x + size] : [x - size, x];
    const row = rows.findIndex(
      (_, i) => free(i, left, right) && rows.slice(0, i).every((_, below) => free(below, x - 1, x + 1)),
    );
    if (left < 0 || row === -1) continue;
    rows[row]?.push([left, right]);
    for (const below of rows.slice(0, row)) below.push([x - 1, x + 1]);
    placed.push({ text, x, row, anchor });
  }
  return placed.reverse();
}
