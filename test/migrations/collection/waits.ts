/** A wait for a lock, as the server's log tells it. */
export interface Wait {
  pid: number;
  ms: number;
  /** `AccessShareLock on relation 16386 of database 16384`. */
  lock: string;
  /** Processes that hold the lock or stand in line for it. */
  others: number[];
}

const STILL = /^\d+ LOG: {2}process (\d+) still waiting for (.+) after [\d.]+ ms/;
const DONE = /^\d+ LOG: {2}process (\d+) acquired (.+) after ([\d.]+) ms/;
const HOLDERS = /^\d+ DETAIL: {2}Process(?:es)? holding the lock: ([\d, ]*)\. Wait queue: ([\d, ]*)\./;

/** Those that ended, in the order of their ends. */
export function waitsOf(log: string): Wait[] {
  const waits: Wait[] = [];
  const others = new Map<number, number[]>();
  let last = 0;
  for (const line of log.split('\n')) {
    const still = STILL.exec(line);
    if (still !== null) last = Number(still[1]);
    const holders = HOLDERS.exec(line);
    if (holders !== null) others.set(last, [...numbersOf(holders[1]!), ...numbersOf(holders[2]!)]);
    const done = DONE.exec(line);
    if (done === null) continue;
    const pid = Number(done[1]);
    waits.push({
      pid,
      ms: Number(done[3]),
      lock: done[2]!,
      others: (others.get(pid) ?? []).filter((each) => each !== pid),
    });
    others.delete(pid);
  }
  return waits;
}

function numbersOf(list: string): number[] {
  return [...list.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}
