import { CookieJar } from 'tough-cookie';
import type { Exchange } from '../wire/exchange.js';
import type { RequestPlan } from '../wire/plan.js';
import { textAt } from './answer-text.js';
import { type Asked, type AskOptions, type Client, isOwnAnswer, nameOf, withClient } from './client.js';
import type { ProbeOptions } from './plan.js';
import type { Probe } from './probe.js';
import { repeat } from './schedule.js';

const MOST_COOKIES = 50;

/** Logs in before the release and looks all through it whether those sessions still hold. */
export const session: Probe<'session'> = {
  name: 'session',
  async run(options, context) {
    await withClient(context, context.plan.endpoint, async (client) => {
      const holder: Holder = { client, options, origin: context.plan.endpoint.origin, status: null, proof: 'unknown' };
      const sessions = Array.from({ length: options.sessions }, newSession);
      // Each session is asked about every `everyMs`, one after the other within that time.
      await repeat(context, options.everyMs / options.sessions, async (number) => {
        const own = sessions[number % sessions.length] as Session;
        if (own.state === 'out') await logIn(holder, own);
        else if (own.state === 'in') await check(holder, own, Math.floor(number / sessions.length));
        else if (own.state === 'refused') await settle(holder, own);
        if (holder.proof !== 'given' || !sessions.every(({ held }) => held)) return;
        client.sayReady(`${options.sessions} sessions, ${nameOf(options.check)} with each every ${options.everyMs} ms`);
      });
      await Promise.all(sessions.map((own) => (own.state === 'refused' ? settle(holder, own) : null)));
      for (const { refused } of sessions) if (refused !== null) client.failed(refused);
    });
  },
};

interface Session {
  /** `refused`: a check failed, and nobody knows whether the session or the check is at fault. */
  state: 'out' | 'logging-in' | 'in' | 'refused' | 'being-settled';
  jar: CookieJar;
  token: string | null;
  /** The last instant at which it held. */
  heldAt: number;
  /** A check has shown that it holds. */
  held: boolean;
  /** The check that was refused. */
  refused: Asked | null;
  /** Its logins: a check that an earlier one began says nothing of this one. */
  logins: number;
}

interface Holder {
  client: Client;
  options: ProbeOptions['session'];
  origin: string;
  /** Of the first check: where the scenario names none, another one (a redirect to the login) is a lost session. */
  status: number | null;
  /** Whether the check fails without a session; one that passes for anybody shows nothing. */
  proof: 'unknown' | 'being-asked' | 'given' | 'none';
}

function newSession(): Session {
  return { state: 'out', jar: newJar(), token: null, heldAt: 0, held: false, refused: null, logins: 0 };
}

function newJar(): CookieJar {
  return new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
}

async function logIn({ client, options, origin }: Holder, own: Session): Promise<void> {
  const { token, login, check } = options;
  own.state = 'logging-in';
  own.jar = newJar();
  own.token = null;
  const asked = await client.ask(login, {
    on: 'fresh',
    name: 'login',
    keepBody: token?.from === 'json',
    judge: (result) => {
      keepCookies(own.jar, result, new URL(login.path, origin).href);
      if (token === null)
        return cookiesFor(own.jar, check, origin) === '' ? 'no cookie came that the check carries' : null;
      own.token = textAt(token, result);
      return own.token === null || /[^\x20-\x7e]/.test(own.token) ? 'no token in the answer' : null;
    },
  });
  own.state = asked.fate === 'ok' ? 'in' : 'out';
  own.logins += 1;
  own.heldAt = asked.result.endedAt;
  if (asked.fate === 'failed') client.failed(asked);
}

async function check(holder: Holder, own: Session, turn: number): Promise<void> {
  const { logins } = own;
  const asked = await askCheck(holder, own, turn % 2 === 0 ? 'fresh' : 'reused');
  if (own.logins !== logins || own.state !== 'in') return;
  if (asked.fate === 'ok') {
    keep(holder, own, asked);
    if (holder.proof === 'unknown') await proveCheck(holder);
  } else if (isOwnAnswer(asked)) Object.assign(own, { state: 'refused', refused: asked });
  else if (asked.fate === 'failed') holder.client.failed(asked);
}

/**
 * A session is lost that is refused before and after one that has just begun was not: else the check itself may not work.
 * The new one takes its place, so that what comes later is seen too.
 */
async function settle(holder: Holder, own: Session): Promise<void> {
  const { client, options } = holder;
  const { refused, heldAt, logins } = own;
  own.state = 'being-settled';
  const fresh = newSession();
  let shown: Asked | null = null;
  let asked = await askAgain(holder, own);
  if (isOwnAnswer(asked)) {
    await logIn(holder, fresh);
    if (fresh.state === 'in') shown = await askAgain(holder, fresh);
    if (shown?.fate === 'ok') asked = await askAgain(holder, own);
  }
  own.state = 'refused';
  if (refused === null) return;
  if (asked.fate === 'ok') {
    client.failed(refused);
    keep(holder, own, asked);
  } else if (isOwnAnswer(asked) && shown?.fate === 'ok') {
    client.fault('lost', heldAt, `${nameOf(options.check)}: ${refused.detail}`, { at: refused.result.endedAt });
    Object.assign(own, fresh, { logins: logins + 1 });
    keep(holder, own, shown);
  }
}

async function askAgain(holder: Holder, own: Session): Promise<Asked> {
  const asked = await askCheck(holder, own, 'fresh');
  if (asked.fate === 'failed' && !isOwnAnswer(asked)) holder.client.failed(asked);
  return asked;
}

function askCheck(holder: Holder, own: Session, on: 'fresh' | 'reused'): Promise<Asked> {
  const { client, options, origin } = holder;
  return client.ask(withSession(options.check, own, origin), { on, name: 'check', judge: judgeOf(holder) });
}

/** It holds. */
function keep({ options, origin }: Holder, own: Session, { result }: Asked): void {
  Object.assign(own, { state: 'in', refused: null, held: true, heldAt: Math.max(own.heldAt, result.endedAt) });
  keepCookies(own.jar, result, new URL(options.check.path, origin).href);
}

/** Asks without a session, once: the answer must be another one. */
async function proveCheck(holder: Holder): Promise<void> {
  const { client, options } = holder;
  const name = 'check without a session';
  holder.proof = 'being-asked';
  const asked = await client.ask(options.check, { on: 'fresh', name, quiet: true, judge: judgeOf(holder) });
  const answered = asked.fate !== 'none' && asked.outcome.kind !== 'lost';
  holder.proof = !answered ? 'unknown' : asked.fate === 'ok' ? 'none' : 'given';
  if (holder.proof !== 'none') return;
  const judge = (): string => 'passes for anybody: it shows nothing of a session';
  await client.ask(options.check, { on: 'fresh', name, judge });
}

function judgeOf(holder: Holder): NonNullable<AskOptions['judge']> {
  return ({ status }) => {
    if (holder.options.check.expect.statuses !== null) return null;
    holder.status ??= status;
    return status === holder.status ? null : `status ${status}, with a session ${holder.status}`;
  };
}

function keepCookies(jar: CookieJar, { headers }: Exchange, url: string): void {
  const cookies = headers['set-cookie']?.split('\n') ?? [];
  for (const cookie of cookies.slice(0, MOST_COOKIES)) jar.setCookieSync(cookie, url, { ignoreError: true });
}

function withSession(request: RequestPlan, { jar, token }: Session, origin: string): RequestPlan {
  const cookie = cookiesFor(jar, request, origin);
  return {
    ...request,
    headers: {
      ...request.headers,
      ...(cookie === '' ? {} : { cookie }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
  };
}

/** What the jar holds for the request, behind cookies of its own. */
function cookiesFor(jar: CookieJar, { path, headers }: RequestPlan, origin: string): string {
  const kept = jar.getCookieStringSync(new URL(path, origin).href);
  const own = Object.entries(headers).find(([name]) => name.toLowerCase() === 'cookie')?.[1];
  return kept === '' ? '' : [own, kept].filter(Boolean).join('; ');
}
