/** A source of numbers from 0 (included) to 1 (excluded); the same seed gives the same numbers. */
export type Random = () => number;

/**
 * Numbers seeded by a text, so that what is drawn for one row of a comparison does not depend on the rows before it.
 * FNV-1a makes the seed; SplitMix32 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), with the
 * finaliser of MurmurHash3, the numbers.
 */
export function randomFor(text: string): Random {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}
