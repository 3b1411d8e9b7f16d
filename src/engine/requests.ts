import { CookieJar } from 'tough-cookie';
import type { WireRequest } from '../wire/connection.js';
import type { Exchange } from '../wire/exchange.js';
import { needsBody } from '../wire/expect.js';
import type { RequestPlan } from '../wire/plan.js';
import type { TrafficFlow, TrafficPlan } from './plan.js';
import { render, renderContext } from './render.js';
import type { Arrival } from './schedule.js';

/** A request that is ready to be sent; `received` is told of its answer. */
export interface Prepared {
  request: WireRequest;
  received(result: Exchange): void;
}

type Prepare = (arrival: Arrival) => Prepared;

const NOTHING_TO_REMEMBER = (): void => {};

/**
 * Makes the requests of a flow: one and the same where nothing in it changes, else anew for each arrival, with the
 * values of its template and the cookies of its virtual client. The clients of a flow are divided among the
 * senders.
 */
export function requestsOf(
  flow: TrafficFlow,
  plan: TrafficPlan,
  wallMs: () => number,
  senders = plan.threads,
): Prepare {
  const base: WireRequest = {
    method: flow.method,
    target: flow.path,
    headers: { 'user-agent': plan.userAgent, ...flow.headers },
    body: flow.body,
    keepBody: needsBody(flow.expect, plan.version),
  };
  if (flow.template === null && flow.clients === 0) {
    const always = { request: base, received: NOTHING_TO_REMEMBER };
    return () => always;
  }
  const origin = plan.endpoints[flow.endpoint]?.origin ?? '';
  const clients = Array.from({ length: Math.ceil(flow.clients / senders) }, () => new CookieJar());
  let sent = 0;
  return (arrival) => {
    const request = flow.template === null ? { ...base } : rendered(base, flow, plan, arrival, wallMs());
    const jar = clients[sent % clients.length];
    sent += 1;
    return jar === undefined ? { request, received: NOTHING_TO_REMEMBER } : withCookies(request, jar, origin);
  };
}

/** A flow's request as its first arrival would send it, outside the schedule. */
export function exampleOf(flow: TrafficFlow, plan: TrafficPlan, wallMs: number): RequestPlan {
  const first: Arrival = { seq: 0, offsetMs: 0, flow: 0, keepalive: false, flowSeq: 0 };
  const { request } = requestsOf({ ...flow, clients: 0 }, plan, () => wallMs)(first);
  return { ...flow, path: request.target, headers: request.headers, body: request.body as string | null };
}

function rendered(
  base: WireRequest,
  { template, headers }: TrafficFlow,
  plan: TrafficPlan,
  arrival: Arrival,
  wallMs: number,
): WireRequest {
  if (template === null) return base;
  const context = renderContext(plan.seed, arrival, plan.feeds, wallMs);
  const isJson = /\bjson\b/i.test(headers['content-type'] ?? '');
  const own = Object.entries(template.headers).map(([name, text]) => [name, render(text, 'header', context)]);
  return {
    ...base,
    target: template.path === null ? base.target : render(template.path, 'path', context),
    headers: { ...base.headers, ...(Object.fromEntries(own) as Record<string, string>) },
    body: template.body === null ? base.body : render(template.body, isJson ? 'json' : 'plain', context),
  };
}

function withCookies(request: WireRequest, jar: CookieJar, origin: string): Prepared {
  const url = new URL(request.target, origin).href;
  const cookies = jar.getCookieStringSync(url);
  const all = [request.headers.cookie, cookies].filter((text) => text !== undefined && text !== '').join('; ');
  const headers = all === '' ? request.headers : { ...request.headers, cookie: all };
  return {
    request: { ...request, headers },
    received: ({ headers: answer }) => {
      const lines = (answer['set-cookie'] ?? '').split('\n', MAX_COOKIES_AN_ANSWER);
      for (const line of lines) {
        if (line !== '') jar.setCookieSync(line.slice(0, MAX_COOKIE_CHARS), url, { ignoreError: true });
      }
      // A server that never stops giving cookies: a browser forgets some, and a client here begins anew.
      if (lines[0] !== '' && jar.getCookiesSync(url, { allPaths: true }).length > MAX_COOKIES)
        jar.removeAllCookiesSync();
    },
  };
}

const MAX_COOKIE_CHARS = 4096;
const MAX_COOKIES_AN_ANSWER = 50;
/** What browsers keep for one site. */
const MAX_COOKIES = 180;
