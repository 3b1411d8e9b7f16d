import { openFilesLimit } from '../platform/machine.js';
import type { Scenario } from '../scenario/scenario.js';

/** Descriptors that are left to the harness itself: files, the screen, the commands of a rollback. */
const OWN_DESCRIPTORS = 64;

/** Which shard of the traffic a process sends, from 1. */
interface ShardPlace {
  number: number;
  of: number;
}

/** The cap on requests in flight where the system allows fewer open sockets than the scenario's. */
export async function withinDescriptors(
  scenario: Scenario,
  shard: ShardPlace = { number: 1, of: 1 },
): Promise<Scenario> {
  const limit = await openFilesLimit();
  return limit === null ? scenario : withinLimit(scenario, limit, shard);
}

/**
 * The same for a limit of `limit` descriptors. The cap and the pool are of all shards together, each of which has its
 * share of them; the probes are the first one's.
 */
export function withinLimit(scenario: Scenario, limit: number, { number, of }: ShardPlace): Scenario {
  const { pool, endpoints } = scenario.traffic;
  const probes = number === 1 ? (scenario.probes?.probes ?? []) : [];
  const probing = probes.reduce((sum, probe) => sum + ('connections' in probe ? probe.connections : 10), 0);
  const room = limit - OWN_DESCRIPTORS - Math.ceil(pool / of) * endpoints.length - probing;
  const maxInFlight = Math.min(scenario.traffic.maxInFlight, Math.max(1, room) * of);
  return { ...scenario, traffic: { ...scenario.traffic, maxInFlight } };
}
