import type { Location, Path, Problem } from './problem.js';

/** What a file says, before any of it is judged. */
export interface SourceText {
  value: unknown;
  problems: Problem[];
  lines: readonly string[];
  /** Where the key or value at a path stands; null in modules, which have no text of their own to point at. */
  locate(path: Path, part: 'key' | 'value', needle: string | null): Location | null;
}
