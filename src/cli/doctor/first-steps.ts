import { foundLines } from '../init/found.js';
import { programName } from '../init/next.js';
import { frameOf, lookInto, waysOf } from '../init/proposal.js';
import { scenariosIn } from '../init/scenarios-here.js';
import { plainText } from '../terminal/text.js';

/** Scenarios that are named; of more the first ones. */
const MOST = 5;

/** What to do next where doctor was not given a scenario: the one that is here, or how one comes to be. */
export async function firstSteps(folder: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const program = programName(env);
  const scenarios = await scenariosIn(folder);
  if (scenarios.length > 0) {
    return [
      '',
      'That was this machine alone. With a scenario, doctor also asks its target and looks for its programs:',
      ...scenarios.slice(0, MOST).map((path) => `  ${program} doctor ${plainText(path)}`),
    ];
  }
  const clues = await lookInto(folder);
  const ways = waysOf(clues);
  const [first] = ways;
  if (first === undefined) {
    return [
      '',
      'There is no scenario in this folder yet, and nothing that shows how the app is released:',
      `  ${program} init                                  asks, and writes one`,
      `  ${program} run --url URL -- ./deploy.sh          wraps a deploy command without one`,
      `  ${program} demo                                  shows a whole run first`,
    ];
  }
  return [
    '',
    'There is no scenario in this folder yet. What there is:',
    ...foundLines(clues, ways, frameOf(clues, first.name, '')).map((line) => `  ${plainText(line)}`),
    '',
    `  ${program} init          writes a scenario from it`,
  ];
}
