import { parseDuration } from '../model/units.js';
import type { PlanOf, ProbePlan } from '../probes/plan.js';
import type { RequestPlan } from '../wire/plan.js';
import { isPrivate, type Place, readEndpoint } from './endpoints.js';
import { readHeaders } from './headers.js';
import { numberOf, parseSize } from './leaves.js';
import { checkHeaderName, checkJsonPath } from './matchers.js';
import type { Path, Report } from './problem.js';
import { checkPath, type RequestInput, readRequest } from './requests.js';
import type { Scenario } from './scenario.js';
import type { CheckedFlow, CheckedProbes } from './schema.js';
import { METHODS } from './schema-requests.js';
import type { Target, Targets } from './targets.js';

/** What holds where a probe does not say otherwise, in the form of the scenario. */
export const DEFAULT_PROBES = {
  idle: { connections: 50 },
  inflight: { every: '500ms' },
  upload: { size: '1MiB', over: '3s' },
  websocket: { connections: 2, every: '500ms', timeout: '5s' },
  sse: { connections: 1, gap: '0s' },
  assets: { every: '1s', most: 50 },
  session: { every: '1s', sessions: 3 },
  ledger: { id: { json: '$.id' }, every: '200ms', keyHeader: 'idempotency-key' },
  twin: { every: '200ms' },
  control: { every: '200ms' },
} as const;

/** What surrounds `probes` in the scenario. */
export interface ProbesContext {
  targets: Targets;
  place: Place;
  mix: readonly CheckedFlow[];
  traffic: Pick<Scenario['traffic'], 'flows' | 'client' | 'blocked'>;
}

/** Reads `probes`; null where there are none. */
export function readProbes(
  input: CheckedProbes | undefined,
  context: ProbesContext,
  path: Path,
  report: Report,
): Scenario['probes'] {
  const { targets, traffic } = context;
  const probes: ProbePlan[] = [];
  const add = <Name extends keyof CheckedProbes>(name: Name, read: Read<Name>): void => {
    const given = input?.[name];
    if (given === undefined) return;
    const plan = read(given as NonNullable<CheckedProbes[Name]>, { ...context, path: [...path, name], report });
    if (plan !== null) probes.push(plan as ProbePlan);
  };
  add('idle', readIdle);
  add('inflight', readInflight);
  add('upload', readUpload);
  add('websocket', readWebsocket);
  add('sse', readSse);
  add('assets', readAssets);
  add('session', readSession);
  add('ledger', readLedger);
  add('twin', readElsewhere('twin'));
  add('control', readElsewhere('control'));
  if (probes.length === 0) return null;
  const { endpoint } = targets.all[0];
  const { client, blocked } = traffic;
  return { endpoint, timeoutMs: targets.timeoutMs, version: targets.version.plan, client, blocked, probes };
}

interface Here extends ProbesContext {
  path: Path;
  report: Report;
}

type Read<Name extends keyof CheckedProbes> = (
  input: NonNullable<CheckedProbes[Name]>,
  here: Here,
) => PlanOf<Name> | null;

const readIdle: Read<'idle'> = (input, here) => {
  const request = given(input) || input.headers !== undefined ? ask(input, here) : defaultRequest(here);
  return request === null
    ? null
    : { probe: 'idle', connections: count(input.connections, DEFAULT_PROBES.idle.connections), request };
};

const readInflight: Read<'inflight'> = (input, here) => {
  return { probe: 'inflight', request: ask(input, here), everyMs: ms(input.every, DEFAULT_PROBES.inflight.every) };
};

/** Where a redirect says that it did not work: to the login, to an error page. */
const SUCCESSES = Array.from({ length: 100 }, (_, index) => 200 + index);

const readUpload: Read<'upload'> = (input, here) => {
  const { size = DEFAULT_PROBES.upload.size, over = DEFAULT_PROBES.upload.over, every = over, digest } = input;
  return {
    probe: 'upload',
    request: askForSuccess(input, here),
    bytes: parseSize(size) as number,
    overMs: parseDuration(over) as number,
    everyMs: parseDuration(every) as number,
    digest: digest === 'body' ? { from: 'body' } : digest === undefined ? null : placeOf(digest, 'digest', here),
  };
};

const readWebsocket: Read<'websocket'> = (input, here) => ({
  probe: 'websocket',
  ...stream(input, here),
  connections: count(input.connections, DEFAULT_PROBES.websocket.connections),
  everyMs: ms(input.every, DEFAULT_PROBES.websocket.every),
  timeoutMs: ms(input.timeout, DEFAULT_PROBES.websocket.timeout),
});

const readSse: Read<'sse'> = (input, here) => ({
  probe: 'sse',
  ...stream(input, here),
  connections: count(input.connections, DEFAULT_PROBES.sse.connections),
  gapMs: ms(input.gap, DEFAULT_PROBES.sse.gap),
});

const readAssets: Read<'assets'> = (input, here) => {
  const { path: page, headers } = stream({ path: input.page, headers: input.headers }, here, 'page');
  const { every, most } = DEFAULT_PROBES.assets;
  return { probe: 'assets', page, headers, everyMs: ms(input.every, every), most: count(input.most, most) };
};

const readSession: Read<'session'> = (input, here) => ({
  probe: 'session',
  login: ask(input.login, below(here, 'login')),
  check: askForSuccess(input.check, below(here, 'check')),
  everyMs: ms(input.every, DEFAULT_PROBES.session.every),
  sessions: count(input.sessions, DEFAULT_PROBES.session.sessions),
  token: input.token === undefined ? null : placeOf(input.token, 'token', here),
});

const readLedger: Read<'ledger'> = (input, here) => {
  const { keyHeader = DEFAULT_PROBES.ledger.keyHeader, id = DEFAULT_PROBES.ledger.id, list } = input;
  const { path, report } = here;
  if (input.write.get !== undefined || input.write.head !== undefined || input.write.options !== undefined) {
    report([...path, 'write'], 'a write has a method that writes', { hint: 'use `post`, `put`, `patch` or `delete`' });
  }
  if (!/\{(?:id|key)\}/.test(JSON.stringify(input.read))) {
    const hint = 'put `{id}` or `{key}` into it: `read: { get: "/orders/{id}" }`';
    report([...path, 'read'], 'would be the same for every write', { hint });
  }
  if (keyHeader !== 'none') checkHeaderName(keyHeader, [...path, 'keyHeader'], report, 'value');
  return {
    probe: 'ledger',
    write: ask(input.write, below(here, 'write')),
    read: askForSuccess(input.read, below(here, 'read')),
    list: list === undefined ? null : askForSuccess(list, below(here, 'list')),
    id: placeOf(id, 'id', here),
    everyMs: ms(input.every, DEFAULT_PROBES.ledger.every),
    keyHeader: keyHeader === 'none' ? null : keyHeader.toLowerCase(),
  };
};

/** A probe at another address. The target's headers, and those of its flows, go to the target's origin alone. */
function readElsewhere<Name extends 'twin' | 'control'>(probe: Name): Read<Name> {
  return (input, here) => {
    const { place, path, report, targets, mix } = here;
    const [main] = targets.all;
    const { endpoint, prefix } = readEndpoint(probe, input, path, place, report);
    const headers = endpoint.origin === main.endpoint.origin ? main.headers : {};
    const mayWrite = main.allowWrites || isPrivate(endpoint);
    const target: Target = { endpoint, prefix, headers, mayWrite, allowWrites: main.allowWrites };
    const own = given(input);
    const flow = own ? undefined : mix[defaultFlow(here)];
    if (!own && flow === undefined) report(path, NO_DEFAULT.message, { hint: NO_DEFAULT.hint });
    // What is wrong with the flow is said where it stands.
    const request = own
      ? readRequest(input, target, path, report)
      : readRequest(
          { ...flow, headers: input.headers } as RequestInput,
          target,
          path,
          onlyBelow([...path, 'headers'], report),
        );
    return { probe, endpoint, request, everyMs: ms(input.every, DEFAULT_PROBES[probe].every) } as PlanOf<Name>;
  };
}

function onlyBelow(path: Path, report: Report): Report {
  return (at, message, more) => {
    if (path.every((part, index) => part === at[index])) report(at, message, more);
  };
}

const NO_DEFAULT = {
  message: 'has no request, and the mix has no reading flow that could stand in',
  hint: 'give one: `get: /healthz`',
};

/** Whether the probe says a request of its own, or begins to. */
function given(input: RequestInput): boolean {
  return [...METHODS, 'json' as const, 'body' as const, 'expect' as const].some((key) => input[key] !== undefined);
}

/** The first flow to the main target that reads, and is always the same; -1 where there is none. */
function defaultFlow({ traffic: { flows } }: ProbesContext): number {
  return flows.findIndex(
    ({ method, endpoint, template }) => (method === 'GET' || method === 'HEAD') && endpoint === 0 && template === null,
  );
}

function defaultRequest(here: Here): RequestPlan | null {
  const flow = here.traffic.flows[defaultFlow(here)];
  if (flow === undefined) {
    here.report(here.path, NO_DEFAULT.message, { hint: NO_DEFAULT.hint });
    return null;
  }
  const { method, path, headers, body, expect } = flow;
  return { method, path, headers, body, expect };
}

function ask(input: RequestInput, { targets, path, report }: Here): RequestPlan {
  return readRequest(input, targets.all[0], path, report);
}

/** A request whose answer, where nothing else is said, is 200-299. */
function askForSuccess(input: RequestInput, here: Here): RequestPlan {
  const request = ask(input, here);
  const said = typeof input.expect === 'object' && !Array.isArray(input.expect) ? input.expect.status : input.expect;
  return said === undefined ? { ...request, expect: { ...request.expect, statuses: SUCCESSES } } : request;
}

function below(here: Here, key: string): Here {
  return { ...here, path: [...here.path, key] };
}

/** Path and headers of a stream or page of the main target. */
function stream(
  input: { path: string; headers?: CheckedFlow['headers'] },
  { targets, path, report }: Here,
  key = 'path',
): { path: string; headers: Record<string, string> } {
  const [{ prefix, headers }] = targets.all;
  checkPath(input.path, [...path, key], report);
  return {
    path: `${prefix}${input.path}`,
    headers: { ...headers, ...readHeaders(input.headers, [...path, 'headers'], report) },
  };
}

/** Where in an answer something stands. */
function placeOf(
  input: { json?: string | undefined; header?: string | undefined },
  key: string,
  { path, report }: Here,
): { from: 'json'; path: string } | { from: 'header'; name: string } {
  const here = [...path, key];
  const { json, header } = input;
  if ((json === undefined) === (header === undefined)) report(here, 'expected exactly one of `json` and `header`');
  if (json !== undefined) {
    checkJsonPath(json, [...here, 'json'], 'value', report);
    return { from: 'json', path: json };
  }
  if (header !== undefined) checkHeaderName(header, [...here, 'header'], report, 'value');
  return { from: 'header', name: (header ?? 'id').toLowerCase() };
}

function count(value: number | string | undefined, otherwise: number): number {
  return value === undefined ? otherwise : numberOf(value);
}

function ms(value: string | undefined, otherwise: string): number {
  return parseDuration(value ?? otherwise) as number;
}
