import type { Strategy } from '../../scenario/strategies/strategy.js';
import { type Guess, type Place, placeText } from './folder.js';
import type { Frame, OwnCommands, VersionClue } from './proposal.js';
import { optionLines } from './strategy-lines.js';
import { type StrategyGuesses, scalar } from './strategy-options.js';

/** A scenario that is to be written. */
export interface Draft {
  frame: Frame;
  /** A strategy with what is known of it, or commands. */
  strategy: { strategy: Strategy; guesses: StrategyGuesses } | null;
  own: OwnCommands | null;
  /** From the scenario's folder to the project's; empty where they are the same. */
  up: string;
}

const NO_CLUES: StrategyGuesses = { vars: new Map(), options: new Map() };
const UNKNOWN_FRAME: Frame = { name: 'shop', url: null, resolve: null, health: null, version: null, routes: [] };
const EXAMPLE_VERSION: VersionClue = { in: 'header', name: 'x-release', whence: '', flow: null };
const RELEASE = '${RELEASE:?the release: what the deploy command is given, such as a tag or a commit}';
/** A strategy holds what the app says of its version against it. */
const RELEASE_OF_STRATEGY =
  '${RELEASE:?the release: the name of its folder or tag, and what the app says of its version}';
const MIX = '  mix: # the routes that matter: also one that writes, and one that is under way for some time';
const PROBES = `# probes: # the routes below are placeholders: name those of your app
#   idle: { connections: 50 } # keep-alive connections that wait
#   inflight: { get: "/slow?ms=2000", every: 500ms } # placeholder: a route that takes longer than the switch`;
const REHEARSAL = `# Where all went well the rollback is rehearsed last: the OLD release is live afterwards. To end on the one that was released:
# rehearsal: rollback-forward # or none: then the way back is not tried`;

/** The scenario of a draft: what is known, each with its place, and what is not as a gap that `validate` names. */
export function scenarioText({ frame, strategy, own, up }: Draft): string {
  const release = strategy === null ? own?.takesRelease === true : true;
  const vars = [
    ...(release ? [`  RELEASE: "${strategy === null ? RELEASE : RELEASE_OF_STRATEGY}"`] : []),
    ...(strategy === null ? [] : variableLines(strategy.strategy, strategy.guesses)),
  ];
  return `# ${strategy === null ? 'The release by its own commands' : `${strategy.strategy.name}: ${strategy.strategy.summary}`}.
# Say here what you expect, for example: no request fails or stalls; the old version answers, then the new one.
# Behind a value stands the place it was read from: check each.
version: 1
name: ${scalar(frame.name)}
${vars.length === 0 ? '' : `vars:\n${vars.join('\n')}\n`}target:
${targetLines(frame).join('\n')}
traffic:
  rate: 50/s
  connections: { keepalive: 80%, fresh: 20%, pool: 20 }
${MIX}
${mixLines(frame).join('\n')}
${PROBES}
baseline: 10s # a longer one tells more of latency
${(strategy === null ? commandLines(own as OwnCommands, frame, up) : strategyLines(strategy)).join('\n')}
`;
}

/** The scenario that `init --preset` writes where nothing is known: every value is an example. */
export function presetText(strategy: Strategy, frame = UNKNOWN_FRAME, guesses = NO_CLUES): string {
  const vars = { RELEASE: '${RELEASE:-v2}', ...strategy.preset.vars };
  const given = [...guesses.vars].map(([name, { value }]) => [name, `\${${name}:-${value}}`]);
  return `# ${strategy.name}: ${strategy.summary}.
# Say here what you expect, for example: no request fails or stalls; v1 answers, then v2, then, after the rehearsed
# rollback, v1 again. And run it: zdd-verify run scenario.yaml --set RELEASE=9f3c1a2
version: 1
name: ${scalar(frame.name)}
vars:
${Object.entries({ ...vars, ...Object.fromEntries(given) })
  .map(([variable, value]) => `  ${variable}: "${value}"`)
  .join('\n')}
target:
${targetLines({ ...frame, url: frame.url ?? { value: '${URL:-http://127.0.0.1:8080}', from: null }, version: frame.version ?? EXAMPLE_VERSION }).join('\n')}
traffic:
  rate: 50/s
  connections: { keepalive: 80%, fresh: 20%, pool: 20 }
${MIX}
${mixLines(frame).join('\n')}
${PROBES}
baseline: 30s
strategy: # \`zdd-verify validate --print-effective\` shows what it stands for
  ${strategy.name}:
${optionLines(strategy, guesses, true).map(indented).join('\n')}
# Steps of your own stand where their kind belongs; one with the name of a step above takes its place.
# steps:
#   - { name: verify, run: ./deploy/smoke-test.sh }
${REHEARSAL}
thresholds:
  rollback_time: ["max<1m"]
`;
}

function targetLines({ url, resolve, version }: Frame): string[] {
  return [
    line('  url: ', url ?? { value: '${TARGET_URL:?where users connect, such as http://127.0.0.1:8080}', from: null }),
    ...(resolve === null ? [] : [line('  resolve: ', resolve)]),
    '  timeout: 5s',
    ...versionLines(version),
  ];
}

/** Where an answer says its release; all ways to say it where nothing is known. */
function versionLines(version: VersionClue | null): string[] {
  if (version === null)
    return [
      '  # Where an answer says which release it is of; without one of these the change of version is not verified:',
      '  # version: { header: x-release } # a header of the answers',
      '  # version: { json: $.version } # a key of a JSON body; a flow of the mix below has to ask the route that has it',
    ];
  const { name, whence } = version;
  const value = version.in === 'json' ? name : scalar(name);
  const said = whence || 'where an answer says its release; or { json: $.version }, { body: "v(\\S+)" }';
  return [`  version: { ${version.in}: ${value} } # ${said}; it must be another one after the release`];
}

function mixLines({ routes, version }: Frame): string[] {
  const asked = routes.length === 0 ? [{ value: '/', from: null }] : routes;
  const read = [...asked, ...(version?.flow == null ? [] : [{ value: version.flow, from: null }])];
  const names = read.map(({ value }) => flowName(value));
  const nameAt = (index: number): string => {
    const name = names[index] as string;
    const before = names.slice(0, index).filter((each) => each === name).length;
    return before === 0 ? name : `${name}-${before + 1}`;
  };
  const remark = (value: string, from: Place | null): string =>
    value === version?.flow ? ' # its answers name the release' : from === null ? '' : ` # ${placeText(from)}`;
  return [
    ...read.map(
      ({ value, from }, index) =>
        `    - { name: ${scalar(nameAt(index))}, get: ${scalar(value)} }${remark(value, from)}`,
    ),
    '    # - { name: order, post: /api/orders, json: { sku: A1 }, expect: 201 }',
  ];
}

/** `/api/items` as `api-items`. */
function flowName(route: string): string {
  return route.replace(/[^\w]+/g, '-').replace(/^-+|-+$/g, '') || 'home';
}

function variableLines({ preset }: Strategy, { vars }: StrategyGuesses): string[] {
  return Object.entries(preset.vars).map(([name, example]) => {
    const guess = vars.get(name);
    if (guess !== undefined)
      return `  ${name}: ${JSON.stringify(`\${${name}:-${guess.value}}`)} # ${whence(guess.from)}`;
    // Names of places are ours to give; a folder is not.
    return name === 'ROOT'
      ? `  ROOT: "\${ROOT:?the folder that holds releases/ and the link current}"`
      : `  ${name}: "${example}"`;
  });
}

function strategyLines({ strategy, guesses }: NonNullable<Draft['strategy']>): string[] {
  const ready = { yaml: '/', from: null, remark: 'no health route was found, and this one says less' };
  const known = { ...guesses, options: new Map([['ready', ready], ...guesses.options]) };
  return [
    'strategy: # `zdd-verify validate --print-effective` shows what it stands for',
    `  ${strategy.name}:`,
    ...optionLines(strategy, known, false).map(indented),
    '# Steps of your own stand where their kind belongs; one with the name of a step above takes its place.',
    '# steps:',
    '#   - { name: verify, run: ./deploy/smoke-test.sh }',
    REHEARSAL,
  ];
}

function commandLines({ deploy, rollback }: OwnCommands, { health }: Frame, up: string): string[] {
  const ready = `{ get: ${scalar(health?.value ?? '/')}, consecutive: 10, within: 60s }`;
  const rest = [
    ...(up === '' ? [] : [`    cwd: ${scalar(up)}`]),
    '    timeout: 10m',
    `    ready: ${ready}${health?.from == null ? '' : ` # ${placeText(health.from)}`}`,
    '    hold: 10s',
  ];
  return [
    'steps: # build, migrate, switch and reload are known kinds: the more of them, the more precise the verdict',
    '  - name: deploy',
    line('    run: ', deploy),
    ...rest,
    ...(rollback === null
      ? [
          '# rollback: # at once when the release must be undone, and rehearsed after one that went well',
          '#   - { name: rollback, run: ./rollback.sh }',
        ]
      : [
          REHEARSAL,
          'rollback: # at once when the release must be undone, and rehearsed last after one that went well',
          '  - name: rollback',
          line('    run: ', rollback),
          ...rest,
        ]),
  ];
}

function line(key: string, { value, from }: Guess): string {
  const quoted = value.includes('${') ? JSON.stringify(value) : scalar(value);
  return `${key}${quoted}${from === null ? '' : ` # ${placeText(from)}`}`;
}

function whence(from: Place | null): string {
  return from === null ? '' : placeText(from);
}

function indented(text: string): string {
  return `    ${text}`;
}
