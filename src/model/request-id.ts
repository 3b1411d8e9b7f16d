/**
 * The number of an arrival, where the scenario sends `${seq}` as the last part of the request's id: `zdd-4711`. Null for
 * an id that ends otherwise: one that a proxy makes up would match by chance.
 */
export function seqOf(id: string | null): number | null {
  const digits = /^(?:.*[^0-9A-Fa-f])?(\d{1,9})$/.exec(id ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}
