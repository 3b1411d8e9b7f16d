import type { MachineEvent } from '../../model/event.js';
import type { MachineWatch } from '../../model/run.js';

export interface MachineLog {
  event(e: MachineEvent): void;
  watch(): MachineWatch;
}

/** How long a look covers where there was none before it. */
const SECOND_MS = 1000;

/**
 * The worst of what each of the machines said of itself; the share of CPU time that hypervisors took is the mean of all.
 * `judgedFrom` is the end of the warm-up; null before it.
 */
export function createMachineLog(judgedFrom: () => number | null, machines: number): MachineLog {
  const watch: MachineWatch = {
    stealMax: null,
    stolen: [],
    throttledMs: null,
    cpuPressureMax: null,
    descriptors: null,
    ports: null,
    dns: null,
  };
  /** When each machine was looked at last. */
  const lookedAt = new Map<number, number>();
  const stolen: MachineWatch['stolen'] = [];
  const throttledMs = new Map<number, number>();
  return {
    event(e) {
      const machine = e.shard ?? 1;
      const from = lookedAt.get(machine) ?? e.at - SECOND_MS;
      lookedAt.set(machine, e.at);
      if (e.at < (judgedFrom() ?? Number.POSITIVE_INFINITY)) return;
      if (e.steal !== null) watch.stealMax = Math.max(watch.stealMax ?? 0, e.steal);
      if (e.steal !== null && e.steal > 0) stolen.push({ from, to: e.at, share: e.steal / machines });
      if (e.throttledMs !== null) {
        throttledMs.set(machine, (throttledMs.get(machine) ?? 0) + e.throttledMs);
        watch.throttledMs = Math.max(...throttledMs.values());
      }
      if (e.cpuPressure !== null) watch.cpuPressureMax = Math.max(watch.cpuPressureMax ?? 0, e.cpuPressure);
      if (e.descriptors !== null) {
        const peak = Math.max(watch.descriptors?.peak ?? 0, e.descriptors.open);
        watch.descriptors = { peak, limit: e.descriptors.limit };
      }
      if (e.ports !== null) {
        watch.ports = { peak: Math.max(watch.ports?.peak ?? 0, e.ports.used), available: e.ports.available };
      }
      if (e.dns !== null) watch.dns = withAnswer(watch.dns, e.dns);
    },
    // Parts are replaced, never changed.
    watch: () => ({ ...watch, stolen: stolen.slice() }),
  };
}

function withAnswer(
  dns: MachineWatch['dns'],
  { ms, error }: NonNullable<MachineEvent['dns']>,
): NonNullable<MachineWatch['dns']> {
  const before = dns ?? { asked: 0, failed: 0, maxMs: 0, error: null };
  return {
    asked: before.asked + 1,
    failed: before.failed + (error === null ? 0 : 1),
    maxMs: Math.max(before.maxMs, ms),
    error: before.error ?? error,
  };
}
