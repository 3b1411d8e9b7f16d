/** A difference of two instants, ms, at the clock's resolution of a microsecond: without the rounding of floats. */
export function toMicros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
