/** Something that is under way, linked to its neighbours while it is. */
export interface Flight<T> {
  readonly value: T;
  before: Flight<T> | null;
  after: Flight<T> | null;
}

/**
 * What is under way, the oldest first. A list whose links are cut on removal: the tables of a `Set`, which grow and are
 * left behind, would keep every entry alive through several garbage collections.
 */
export class InFlight<T> {
  oldest: Flight<T> | null = null;
  #newest: Flight<T> | null = null;
  size = 0;

  add(value: T): Flight<T> {
    const flight: Flight<T> = { value, before: this.#newest, after: null };
    if (this.#newest === null) this.oldest = flight;
    else this.#newest.after = flight;
    this.#newest = flight;
    this.size += 1;
    return flight;
  }

  /** Each is removed once. */
  remove(flight: Flight<T>): void {
    const { before, after } = flight;
    if (before === null) this.oldest = after;
    else before.after = after;
    if (after === null) this.#newest = before;
    else after.before = before;
    flight.before = null;
    flight.after = null;
    this.size -= 1;
  }
}
