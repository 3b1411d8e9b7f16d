import { openFilesLimit } from '../platform/machine.js';
import type { Scenario } from '../scenario/scenario.js';

/** Descriptors that are left to the harness itself: files, the screen, the commands of a rollback. */
const OWN_DESCRIPTORS = 64;

/** The cap on requests in flight where the system allows fewer open sockets than the scenario's. */
export async function withinDescriptors(scenario: Scenario): Promise<Scenario> {
  const limit = await openFilesLimit();
  if (limit === null) return scenario;
  const { pool, endpoints } = scenario.traffic;
  const probes = (scenario.probes?.probes ?? []).map((probe) => ('connections' in probe ? probe.connections : 10));
  const taken = OWN_DESCRIPTORS + pool * endpoints.length + probes.reduce((sum, each) => sum + each, 0);
  const room = Math.max(1, limit - taken);
  const maxInFlight = Math.min(scenario.traffic.maxInFlight, room);
  return { ...scenario, traffic: { ...scenario.traffic, maxInFlight } };
}
