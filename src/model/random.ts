/** A source of numbers from 0 (included) to 1 (excluded); the same seed gives the same numbers. */
export type Random = () => number;

/**
 * SplitMix32: the 32-bit variant of SplitMix (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014),
 * with the finaliser of MurmurHash3. Every seed is as good as any other, also seeds that follow each other.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 2 ** 32;
  };
}

/** A seed made of two numbers. */
export function seedOf(seed: number, number: number): number {
  return mix((mix(seed >>> 0) + number) >>> 0);
}

function mix(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** Numbers seeded by a text (FNV-1a), so that what is drawn for one thing does not depend on what was drawn before. */
export function randomFor(text: string): Random {
  let seed = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) seed = Math.imul(seed ^ text.charCodeAt(i), 0x01000193);
  return seededRandom(seed);
}
