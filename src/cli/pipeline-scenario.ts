import { ZddError } from '../model/errors.js';
import { plural } from '../model/units.js';
import { scenarioFromCommand } from '../scenario/from-command.js';
import { loadScenario } from '../scenario/load.js';
import type { Scenario } from '../scenario/scenario.js';

/** What `start` is given on its command line, and hands to its recorder. */
export interface PipelineOptions {
  file: string | null;
  url: string | null;
  rate: string | null;
  set: readonly string[];
}

/**
 * The scenario of a release that a pipeline makes: traffic, probes, watchers and thresholds, and no step. What is left
 * out is said in `notes`. Throws as loading a scenario does, and USAGE without one.
 */
export async function pipelineScenario(options: PipelineOptions): Promise<{ scenario: Scenario; notes: string[] }> {
  const { file, url, rate, set } = options;
  if (url !== null) {
    if (file !== null) throw new ZddError('USAGE', 'start takes a scenario file or --url, not both');
    if (set.length > 0) throw new ZddError('USAGE', '--set goes with a scenario file, not with --url');
    return { scenario: fromUrl(url, rate), notes: [] };
  }
  if (file === null) throw new ZddError('USAGE', 'start needs a scenario file, or --url URL');
  const all = [...set, ...(rate === null ? [] : [`traffic.rate=${rate}`])];
  const { notes, ...scenario } = await loadScenario(file, { set: all, env: process.env });
  const left = [...scenario.setup, ...scenario.steps, ...scenario.rollback, ...scenario.teardown];
  const sql = left.some(({ migrations }) => migrations !== null) ? ', and their SQL is not looked at' : '';
  const note = `${plural(left.length, 'step')} of the scenario will not be run${sql}: the release is the pipeline's`;
  const aborts = scenario.thresholds.some(({ abortOnFail }) => abortOnFail);
  const said = [
    ...(left.length === 0 ? [] : [note]),
    ...(aborts ? ['abortOnFail ends no release of a pipeline: what it names is judged at the end'] : []),
  ];
  return { scenario: withoutSteps(scenario), notes: [...notes, ...said] };
}

function fromUrl(url: string, rate: string | null): Scenario {
  const host = URL.canParse(url) ? new URL(url).host : url;
  const scenario = scenarioFromCommand({ url, rate, command: ['pipeline', host] });
  const { steps: _, ...effective } = scenario.effective as Record<string, unknown>;
  return { ...withoutSteps(scenario), effective };
}

function withoutSteps(scenario: Scenario): Scenario {
  return { ...scenario, setup: [], steps: [], rollback: [], teardown: [], rehearsal: 'none' };
}
