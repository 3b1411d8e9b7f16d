import type { ScenarioInput } from './schema.js';

export type { ScenarioInput } from './schema.js';

/** Types a scenario that is written as a module: `export default defineScenario({ ... })`. Returns what it is given. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
