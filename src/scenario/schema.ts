import { z } from 'zod';
import { STEP_KINDS } from '../model/phase.js';
import { BOUNDS, choice, duration, flag, rate, scalar, text } from './leaves.js';
import { hosts, onHost } from './schema-hosts.js';
import { migrations } from './schema-migrations.js';
import { probes } from './schema-probes.js';
import { command, environment, hold, hooks, releaseInfo, requirements, wait } from './schema-release.js';
import { list, mapping, readyCheck } from './schema-requests.js';
import { target, targets } from './schema-target.js';
import { traffic } from './schema-traffic.js';
import { watch } from './schema-watch.js';
import { strategySchema } from './strategies/registry.js';
import { show } from './suggest.js';

const vars = z
  .record(z.string(), scalar('a text or a number'), {
    error: ({ input }) => `expected a mapping of names to values, got ${show(input)}`,
  })
  .meta({ description: 'Variables, exported to every command; `--set NAME=value` overrides them.' });

const stepShape = {
  name: text('a name', 'Name of the step.', 64).optional(),
  kind: choice(
    STEP_KINDS,
    'What the step does; its name says it where the name is a kind, else it is custom.',
  ).optional(),
  run: command('A text runs in `bash -eo pipefail`, never interpolated; a list is run without a shell.').optional(),
  on: onHost.optional(),
  cwd: text(
    'a folder',
    "Where it runs: from the scenario's folder on; on a host, from the folder the login begins in.",
    4000,
  ).optional(),
  env: environment.optional(),
  migrations: migrations.optional(),
  timeout: duration(BOUNDS.stepTimeout, 'Time the command may take; 10m without it.').optional(),
  ready: z
    .union([readyCheck, list(readyCheck, 'checks', 50)], {
      error: ({ input }) => `expected a check such as \`{ get: /healthz }\` or a list of them, got ${show(input)}`,
    })
    .optional()
    .meta({
      description: 'Traffic goes on as before; the step is done once every check passed often enough in a row.',
    }),
  wait: wait.optional(),
  within: duration(BOUNDS.within, 'Time in which what is waited for must come about; 10m without it.').optional(),
  hold: hold.optional(),
  rate: rate('Rate of the mix from the beginning of this step to that of the next one.').optional(),
  onFail: choice(['rollback', 'abort', 'continue'], 'What follows a failure of this step.').optional(),
};

const step = mapping('a step such as `{ name: switch, run: ./switch.sh }`', stepShape).meta({
  description: 'One release action.',
});

const thresholdObject = mapping('`{ threshold, level, abortOnFail, delayAbortEval }`', {
  threshold: text('an expression such as `rate==0`', "k6's grammar, and `p(99)<2*baseline`.", 100),
  level: choice(['fail', 'warn', 'inconclusive'], 'What crossing it means; fail without it.').optional(),
  abortOnFail: flag('Ends the release as soon as it is crossed.').optional(),
  delayAbortEval: duration(BOUNDS.delayAbortEval, 'Time before it may end the release.').optional(),
});
const expression = text('an expression such as `rate==0`', "k6's grammar, and `p(99)<2*baseline`.", 100);
const threshold = z.union([expression, thresholdObject], {
  error: ({ input }) => `expected an expression such as \`rate==0\` or \`{ threshold: ... }\`, got ${show(input)}`,
});

export const thresholdsSchema = z
  .record(
    z.string(),
    z.union([threshold, list(threshold, 'expressions such as `rate==0`', 50)], {
      error: ({ input }) => `expected a list of expressions such as \`rate==0\`, got ${show(input)}`,
    }),
    { error: ({ input }) => `expected a mapping of metrics to expressions, got ${show(input)}` },
  )
  .meta({ description: 'What the run must hold, by metric: `latency`, `latency{step:migrate}`, ...' });

/** The scenario as the user writes it: the types and the shipped JSON Schema come from here. */
export const scenarioSchema = mapping('a mapping with `version`, `name`, `target`, `traffic` and `steps`', {
  version: z
    .union([z.literal(1), z.literal('1')], {
      error: ({ input }) =>
        input === undefined
          ? 'is missing: write `version: 1`'
          : `expected \`1\`, the only version of this format, got ${show(input)}`,
    })
    .meta({ description: 'Version of this format.' }),
  name: text('a name', 'Name of the scenario.', 100),
  runbook: text('a URL or a sentence', 'Printed where the rollback failed and a person must act.').optional(),
  release: releaseInfo.optional(),
  vars: vars.optional(),
  require: requirements.optional(),
  hosts: hosts.optional(),
  target: target.optional(),
  targets: targets.optional(),
  traffic,
  probes: probes.optional(),
  watch: watch.optional(),
  warmup: duration(BOUNDS.warmup, 'Traffic that is sent and recorded but not judged; 2s without it.').optional(),
  baseline: duration(
    BOUNDS.baseline,
    'Traffic before the first step, to know what is normal; 30s without it.',
  ).optional(),
  strategy: strategySchema.optional(),
  steps: list(step, 'steps such as `{ name: switch, run: ./switch.sh }`', 200).meta({
    description: 'The release, in order. Beside a `strategy` it may be left out.',
  }),
  rollback: z
    .union([step, list(step, 'steps', 50)], {
      error: ({ input }) => `expected a step or a list of steps, got ${show(input)}`,
    })
    .optional()
    .meta({ description: 'The way back: run at once when the release must be undone, and rehearsed last.' }),
  rehearsal: choice(
    ['rollback', 'rollback-forward', 'none'],
    'What is exercised at the end: the rollback (the default where there is one), then forward again, or nothing.',
  ).optional(),
  thresholds: thresholdsSchema.optional(),
  on: hooks.optional(),
  maxDuration: duration(
    BOUNDS.maxDuration,
    'The run is ended, and rolled back, after this time; 1h without it.',
  ).optional(),
  outputs: mapping('`{ dir: reports }`', {
    dir: text('a folder', 'Where run directories are made; `reports` without it.', 4000).optional(),
  })
    .optional()
    .meta({ description: 'Where the results go.' }),
}).meta({
  title: 'zdd-verify scenario',
  description: 'A release under traffic: https://www.npmjs.com/package/zdd-verify',
  oneOf: [{ required: ['target'] }, { required: ['targets'] }],
  anyOf: [{ required: ['steps'] }, { required: ['strategy'] }],
});

/** What a scenario file holds; every text may hold `${NAME}` and `${secret:NAME}`. */
export type ScenarioInput = Written | (Omit<Written, 'steps'> & { strategy: unknown; steps?: Written['steps'] });
type Written = z.input<typeof scenarioSchema>;
/** The same after checking. */
export type CheckedScenario = z.output<typeof scenarioSchema>;
export type CheckedFlow = CheckedScenario['traffic']['mix'][number];
export type CheckedTarget = NonNullable<CheckedScenario['target']>;
export type CheckedRequest = z.output<typeof readyCheck>;
export type CheckedProbes = NonNullable<CheckedScenario['probes']>;
export type CheckedWatch = NonNullable<CheckedScenario['watch']>;
export type CheckedStep = CheckedScenario['steps'][number];
export type CheckedReady = z.output<typeof readyCheck>;
export type CheckedRequirements = NonNullable<CheckedScenario['require']>;
export type CheckedHooks = NonNullable<CheckedScenario['on']>;
export type CheckedThresholds = z.output<typeof thresholdsSchema>;

/** The JSON Schema of a scenario file, as shipped in `scenario.schema.json`. */
export function scenarioJsonSchema(): object {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input' });
  // Steps may come from a strategy: `anyOf` says so.
  return { ...schema, required: schema.required?.filter((key) => key !== 'steps') };
}

/** The keys that may stand in a mapping at `path`, from the schema itself. */
export function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let here: z.ZodType[] = alternatives(schema);
  for (const segment of path) here = here.flatMap((each) => childAt(each, segment)).flatMap(alternatives);
  return here.flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
}

function childAt(schema: z.ZodType, segment: string | number): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child = Object.hasOwn(schema.shape, segment) ? schema.shape[segment] : undefined;
    return child === undefined ? [] : [child as z.ZodType];
  }
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  return schema instanceof z.ZodRecord ? [schema.valueType as z.ZodType] : [];
}

function alternatives(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodOptional) return alternatives(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => alternatives(option as z.ZodType));
  return [schema];
}
