/** Runs of the command that said of themselves, since the test began, that the machine starved them. */
let starved = 0;

export function ranStarved(): void {
  starved += 1;
}

export function starvedRuns(): number {
  return starved;
}

export function forgetStarvedRuns(): void {
  starved = 0;
}
