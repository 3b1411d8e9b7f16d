import { type Histogram, JsHistogram } from 'hdr-histogram-js';

/** Longest latency that is told apart, microseconds: ten minutes. Longer ones count as this. */
const LONGEST_US = 600_000_000;
const DIGITS = 3;
/** Counters are made in pages of this many, a power of two, where values fall. */
const PAGE = 128;
const PAGE_BITS = 7;

/** An empty histogram of latencies in microseconds, three significant digits. */
export function createLatencies(): Histogram {
  const latencies = new PagedHistogram(1, LONGEST_US, DIGITS);
  // The library leaves it undefined for subclasses of others.
  latencies.setTotalCount(0);
  return latencies;
}

export function recordMs(latencies: Histogram, ms: number): void {
  latencies.recordValue(Math.min(LONGEST_US, Math.max(0, Math.round(ms * 1000))));
}

/**
 * A histogram whose counters are there only where values fell: a few hundred bytes until it is used, some ten
 * kilobytes for the latencies of one flow, and as fast as plain counters.
 */
class PagedHistogram extends JsHistogram {
  #pages: (Uint32Array | undefined)[] = [];

  /** The library's index, in whole numbers of 32 bits: three digits have halves of 1024, and no value reaches 2^31. */
  override countsArrayIndex(value: number): number {
    const bucket = 21 - Math.clz32(value | 2047);
    return ((bucket + 1) << 10) + (value >> bucket) - 1024;
  }

  incrementCountAtIndex(index: number): void {
    const page = this.#pages[index >> PAGE_BITS];
    if (page === undefined) this.#page(index)[index & (PAGE - 1)] = 1;
    else page[index & (PAGE - 1)] = (page[index & (PAGE - 1)] as number) + 1;
  }

  addToCountAtIndex(index: number, value: number): void {
    const page = this.#page(index);
    page[index & (PAGE - 1)] = (page[index & (PAGE - 1)] as number) + value;
  }

  setCountAtIndex(index: number, value: number): void {
    this.#page(index)[index & (PAGE - 1)] = value;
  }

  getCountAtIndex(index: number): number {
    const page = this.#pages[index >> PAGE_BITS];
    return page === undefined ? 0 : (page[index & (PAGE - 1)] as number);
  }

  clearCounts(): void {
    this.#pages = [];
  }

  resize(newHighestTrackableValue: number): void {
    this.establishSize(newHighestTrackableValue);
  }

  copyCorrectedForCoordinatedOmission(): never {
    throw new Error('latencies are measured from the due time: there is nothing to correct');
  }

  protected _getEstimatedFootprintInBytes(): number {
    return 192 + this.#pages.filter((page) => page !== undefined).length * PAGE * 4;
  }

  #page(index: number): Uint32Array {
    const number = index >> PAGE_BITS;
    const page = this.#pages[number] ?? new Uint32Array(PAGE);
    this.#pages[number] = page;
    return page;
  }
}
