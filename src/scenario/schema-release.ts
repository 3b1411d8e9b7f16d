import { z } from 'zod';
import { HOOK_EVENTS } from '../model/release.js';
import { amount, BOUNDS, choice, duration, durationProblem, scalar, text } from './leaves.js';
import { onHost } from './schema-hosts.js';
import { checked, expectation, list, mapping } from './schema-requests.js';
import { show } from './suggest.js';

const script = z
  .string({ error: ({ input }) => `expected a command, got ${show(input)}` })
  .refine((value) => value.trim() !== '' && !value.includes('\0'), { error: 'expected a command, got an empty text' });

/** A shell script, or a program with its arguments. */
export function command(description: string) {
  return z
    .union([script, list(script, 'the words of a command', 1000)], {
      error: ({ input }) => `expected a shell script or a list of words, got ${show(input)}`,
    })
    .meta({ description });
}

export const environment = z
  .record(z.string(), scalar('a text or a number'), {
    error: ({ input }) => `expected a mapping of names to values, got ${show(input)}`,
  })
  .meta({ description: 'Environment of the command, beside the variables.' });

const { consecutive, interval } = {
  consecutive: amount(BOUNDS.consecutive, 'answers in a row', 'Answers in a row that count as there.').optional(),
  interval: duration(BOUNDS.interval, 'Time between questions; 100ms without it.').optional(),
};

const waitCheck = mapping('`{ version: v2 }` or a check such as `{ get: /healthz }`', {
  ...checked,
  consecutive,
  interval,
}).meta({
  description:
    "Asked on a fresh connection each time, apart from the traffic; a version alone is asked of the mix's first reading flow.",
});

/** What a step without a command waits for. */
export const wait = z
  .union([waitCheck, list(waitCheck, 'checks', 50)], {
    error: ({ input }) => `expected \`{ version: v2 }\`, a check or a list of them, got ${show(input)}`,
  })
  .meta({ description: 'For a step without a command, where something else deploys: what has to come about.' });

const until = mapping('`{ requests: 500 }`', {
  requests: amount(BOUNDS.windowRequests, 'requests', 'Requests that must have been answered or failed.'),
  version: text('a version', 'Only those that this version answered.').optional(),
  flow: text('the name of a flow', 'Only those of this flow of the mix.', 100).optional(),
}).meta({ description: 'A number of requests, from the beginning of the hold on.' });

/** How long the traffic goes on: a time, or until enough of it was seen. */
export const hold = z
  .union(
    [
      duration(BOUNDS.hold, 'How long the traffic goes on before the next step.'),
      mapping('`{ until: { requests: 500 }, max: 10m }`', {
        until,
        max: duration(BOUNDS.hold, 'The hold ends here in any case; the run is then inconclusive.'),
      }),
    ],
    {
      error: ({ input }) =>
        typeof input === 'number'
          ? (durationProblem(input, BOUNDS.hold) ?? '')
          : `expected a duration such as \`30s\`, or \`{ until: { requests: 500 }, max: 10m }\`, got ${show(input)}`,
    },
  )
  .meta({ description: 'How long the traffic goes on before the next step: a time, or until enough was seen.' });

/** Commands that are run after the verdict. */
export const hooks = list(
  mapping('`{ event: rolled-back, run: ./notify.sh }`', {
    event: choice(HOOK_EVENTS, 'When it runs: after the verdict, where this is so.'),
    run: command('A text runs in `bash -eo pipefail`, never interpolated; a list is run without a shell.'),
    cwd: text('a folder', "Where it runs; relative to the scenario's folder.", 4000).optional(),
    env: environment.optional(),
    timeout: duration(BOUNDS.hookTimeout, 'Time it may take; 30s without it.').optional(),
  }),
  'hooks such as `{ event: rolled-back, run: ./notify.sh }`',
  50,
).meta({ description: 'Commands that are run after the verdict. What becomes of them changes nothing of it.' });

const variableName = text('the name of a variable', 'A variable that must have a value.', 200);

const requirement = mapping('`{ env: NAME }`, `{ command: nginx -t }` or `{ url: http://... }`', {
  env: z
    .union([variableName, list(variableName, 'names of variables', 200)], {
      error: ({ input }) => `expected the name of a variable or a list of them, got ${show(input)}`,
    })
    .optional()
    .meta({ description: 'Variables that must have a value, in the environment or under `vars`.' }),
  command: command('A command that must succeed.').optional(),
  on: onHost.optional(),
  timeout: duration(BOUNDS.hookTimeout, 'Time the command may take; 30s without it.').optional(),
  url: text('a URL such as `http://127.0.0.1:9000/healthz`', 'A URL that must answer.').optional(),
  expect: expectation.optional(),
});

/** What must hold before anything is run. */
export const requirements = z
  .union([requirement, list(requirement, 'requirements such as `{ env: NAME }`', 100)], {
    error: ({ input }) => `expected \`{ env: NAME }\`, \`{ command: nginx -t }\` or a list of such, got ${show(input)}`,
  })
  .meta({ description: 'What must hold before anything is run; else the run ends with 94.' });

/** What is released. An empty text is as good as none: variables may have no value. */
const said = (what: string, description: string, maxChars: number) =>
  z.union([z.literal(''), text(what, description, maxChars)], {
    error: ({ input }) => `expected ${what}, got ${show(input)}`,
  });

export const releaseInfo = mapping('`{ name, git, url }`', {
  name: said('a name such as `v2`', 'What the release is called.', 200)
    .optional()
    .meta({ description: 'What the release is called.' }),
  git: said('a commit', 'Its commit.', 200)
    .optional()
    .meta({ description: 'Its commit; that of the repository in which the scenario lies without it.' }),
  url: said('a URL', 'Where to read more.', 2000)
    .optional()
    .meta({ description: 'Where to read more: a pull request, a pipeline, notes.' }),
}).meta({ description: 'What is released, for the report.' });
