/** Reading and writing of durations and rates. Everywhere inside, a time is a number of milliseconds. */

const MS_PER_UNIT: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `"250ms"`, `"1.5s"`, `"1m30s"`; `null` where the text is no duration. A unit is required. */
export function parseDuration(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g)) {
    total += Number(amount) * (MS_PER_UNIT[unit as string] as number);
  }
  return total;
}

/** Arrivals per second of `"200/s"`, `"90/m"`, `"200"`; `null` where the text is no rate. */
export function parseRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(?:\/(ms|s|m|h))?$/.exec(text);
  if (match === null) return null;
  return (Number(match[1]) * 1000) / (MS_PER_UNIT[match[2] ?? 's'] as number);
}

/** A duration for people: `0.4 ms`, `312 ms`, `3.9 s`, `2 min 05 s`. */
export function formatMs(ms: number): string {
  if (!Number.isFinite(ms)) return '-';
  const size = Math.abs(ms);
  if (size < 10) return `${ms.toFixed(1)} ms`;
  if (size < 1000) return `${Math.round(ms)} ms`;
  if (size < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** A share for people, never rounded down to nothing: `0 %`, `0.005 %`, `12.5 %`. */
export function formatShare(share: number): string {
  if (share === 0) return '0 %';
  const percent = share * 100;
  return `${percent >= 0.1 ? Number(percent.toPrecision(3)) : Number(percent.toPrecision(1))} %`;
}

/** A measured value for people: `0.25`, `1,204`, `0.0003`. */
export function formatValue(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : String(Number(value.toPrecision(4)));
}

/** A count with thousands separators, the same on every machine: `60,000`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 request`, `2,000 requests`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}
