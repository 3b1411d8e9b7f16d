/** Arrivals that may be waited for before the oldest of them is passed over. A power of two. */
const WAITING_KEPT = 2 ** 20;
/** Passed-over arrivals that are remembered, to know them when they come after all. */
const PASSED_KEPT = 2 ** 16;

/** An arrival that is on record but was never sent. */
const UNSENT = -1;

export interface SendOrder {
  /** `flow` is a small number from 0; `sentAt` null for an arrival that was not sent. */
  record(seq: number, flow: number, dueAt: number, sentAt: number | null): void;
  /** Every arrival due at or before this instant is on record, ms. */
  completeUntil(): number;
  /** Looks at what is still waiting, as the record is over. */
  finish(): void;
  counts(): { rows: number; twice: number; missing: number };
}

/**
 * Samples come in order of their end; sends happen in the order of the schedule. A ring keyed by the arrival's number
 * restores that order: 20 bytes for each arrival between the oldest unanswered one and the newest. Past a million of
 * these the oldest is passed over, which can only make a gap larger than it was. `onSend` is called for each send
 * with the previous send of the traffic as a whole and of the flow (null for the first).
 */
export function createSendOrder(
  onSend: (flow: number, sentAt: number, previous: number | null, previousOfFlow: number | null) => void,
): SendOrder {
  let ring = createRing(1024);
  let base = 0;
  let highest = -1;
  let rows = 0;
  let twice = 0;
  let missing = 0;
  let completeUntil = Number.NEGATIVE_INFINITY;
  let previous: number | null = null;
  const previousOfFlow: (number | undefined)[] = [];
  const passed = new Set<number>();

  /** Takes the oldest arrival out of the ring. */
  const take = () => {
    const slot = base % ring.size;
    const sentAt = ring.sentAt[slot] as number;
    if (Number.isNaN(sentAt)) {
      missing++;
      if (passed.size < PASSED_KEPT) passed.add(base);
    } else {
      completeUntil = Math.max(completeUntil, ring.dueAt[slot] as number);
      if (sentAt !== UNSENT) send(ring.flow[slot] as number, sentAt);
    }
    ring.sentAt[slot] = Number.NaN;
    base++;
  };

  const send = (flow: number, sentAt: number) => {
    onSend(flow, sentAt, previous, previousOfFlow[flow] ?? null);
    previous = sentAt;
    previousOfFlow[flow] = sentAt;
  };

  const makeRoom = (seq: number) => {
    while (seq - base >= ring.size && ring.size < WAITING_KEPT) ring = enlarged(ring, base);
    // A number far beyond every other is a contradiction, not a reason to walk there.
    if (seq - base >= 2 * WAITING_KEPT) {
      while (base <= highest) take();
      missing += Math.max(0, seq - base);
      base = Math.max(base, seq);
    }
    while (seq - base >= ring.size) take();
  };

  return {
    record(seq, flow, dueAt, sentAt) {
      rows++;
      if (seq < base) {
        if (passed.delete(seq)) missing--;
        else twice++;
        return;
      }
      makeRoom(seq);
      const slot = seq % ring.size;
      if (!Number.isNaN(ring.sentAt[slot])) {
        twice++;
        return;
      }
      ring.sentAt[slot] = sentAt ?? UNSENT;
      ring.dueAt[slot] = dueAt;
      ring.flow[slot] = flow;
      highest = Math.max(highest, seq);
      while (base <= highest && !Number.isNaN(ring.sentAt[base % ring.size])) take();
    },
    completeUntil: () => completeUntil,
    finish() {
      while (base <= highest) take();
    },
    counts: () => ({ rows, twice, missing }),
  };
}

interface Ring {
  size: number;
  sentAt: Float64Array;
  dueAt: Float64Array;
  flow: Int32Array;
}

function createRing(size: number): Ring {
  return {
    size,
    sentAt: new Float64Array(size).fill(Number.NaN),
    dueAt: new Float64Array(size),
    flow: new Int32Array(size),
  };
}

function enlarged(ring: Ring, base: number): Ring {
  const larger = createRing(ring.size * 2);
  for (let seq = base; seq < base + ring.size; seq++) {
    const from = seq % ring.size;
    const to = seq % larger.size;
    larger.sentAt[to] = ring.sentAt[from] as number;
    larger.dueAt[to] = ring.dueAt[from] as number;
    larger.flow[to] = ring.flow[from] as number;
  }
  return larger;
}
