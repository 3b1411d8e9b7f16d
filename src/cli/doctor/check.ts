/** What doctor found about one thing. `fix` says what to do about a WARN or MISSING; empty with OK and NOTE. */
export interface Check {
  name: string;
  /** MISSING stops a run or makes its verdict worthless; WARN may. A NOTE is worth knowing of the release. */
  state: 'OK' | 'NOTE' | 'WARN' | 'MISSING';
  found: string;
  fix: string;
  /** Which exit code a MISSING leads to: the target is unhealthy, or this machine cannot measure. */
  about: 'machine' | 'target';
}

/** What is found now, in words: a problem keeps it from being seen, and `partly` some of it. */
export type Found = { found: string } | { problem: string } | { partly: string; fix: string };

type Rest = Partial<Pick<Check, 'about'>>;

export function fine(name: string, found: string, rest: Rest = {}): Check {
  return { name, state: 'OK', found, fix: '', about: 'machine', ...rest };
}

export function note(name: string, found: string, rest: Rest = {}): Check {
  return { name, state: 'NOTE', found, fix: '', about: 'machine', ...rest };
}

export function warn(name: string, found: string, fix: string, rest: Rest = {}): Check {
  return { name, state: 'WARN', found, fix, about: 'machine', ...rest };
}

export function missing(name: string, found: string, fix: string, rest: Rest = {}): Check {
  return { name, state: 'MISSING', found, fix, about: 'machine', ...rest };
}
