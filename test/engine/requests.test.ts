import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render, renderContext } from '../../src/engine/render.js';
import { exampleOf, requestsOf } from '../../src/engine/requests.js';
import type { Arrival } from '../../src/engine/schedule.js';
import type { Exchange } from '../../src/wire/exchange.js';
import type { RequestTemplate } from '../../src/wire/plan.js';
import { flow, trafficPlan } from './drive.ts';

const FEEDS = [{ name: 'users', order: 'sequential' as const, rows: [{ email: 'a@x' }, { email: 'b"\r\nx: y' }] }];
const PLAN = trafficPlan('http://127.0.0.1:1', { feeds: FEEDS });

function arrival(seq: number): Arrival {
  return { seq, flowSeq: seq, offsetMs: 0, flow: 0, keepalive: true };
}

function answerWith(cookies: string): Exchange {
  return { headers: { 'set-cookie': cookies } } as unknown as Exchange;
}

describe('the requests of a flow', () => {
  it('are one and the same where nothing in it changes', () => {
    const prepare = requestsOf(flow(), PLAN, () => 0);
    expect(prepare(arrival(0)).request).toBe(prepare(arrival(1)).request);
  });

  it('take the rows of a feed in turn, the same row for a whole request', () => {
    const email = { value: 'data' as const, feed: 0, column: 'email' };
    const template: RequestTemplate = {
      path: ['/u/', email],
      headers: { 'x-user': [email] },
      body: ['{"e":"', email, '"}'],
    };
    const prepare = requestsOf(flow({ headers: { 'content-type': 'application/json' }, template }), PLAN, () => 0);
    expect(prepare(arrival(0)).request).toMatchObject({ target: '/u/a%40x', body: '{"e":"a@x"}' });
    const second = prepare(arrival(3)).request;
    expect(second.target).toBe('/u/b%22%0D%0Ax%3A%20y');
    expect(second.headers['x-user']).toBe('b"  x: y');
    expect(JSON.parse(second.body as string)).toEqual({ e: 'b"\r\nx: y' });
  });

  it('have the same random values for the same seed and arrival, and others for others', () => {
    const template = { path: ['/', { value: 'uuid' as const }], headers: {}, body: null };
    const target = (seed: number, seq: number) =>
      requestsOf(flow({ template }), { ...PLAN, seed }, () => 0)(arrival(seq)).request.target;
    expect(target(1, 1)).toBe(target(1, 1));
    expect(new Set([target(1, 1), target(1, 2), target(2, 1), target(2, 2)]).size).toBe(4);
    expect(target(1, 1)).toMatch(/^\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('stay within the bounds of a number and the length of a text', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.nat(20), (seq, min, span) => {
        const context = renderContext(1, { seq, flowSeq: seq }, FEEDS, 0);
        const value = Number(render([{ value: 'int', min, max: min + span }], 'plain', context));
        expect(value).toBeGreaterThanOrEqual(min);
        expect(value).toBeLessThanOrEqual(min + span);
        expect(render([{ value: 'text', length: span }], 'plain', context)).toMatch(
          new RegExp(`^[A-Za-z0-9]{${span}}$`),
        );
      }),
    );
  });

  it('carry the cookies that their virtual client was given, and those of no other', () => {
    const prepare = requestsOf(flow({ clients: 2, path: '/app' }), PLAN, () => 0);
    const first = prepare(arrival(0));
    prepare(arrival(1)).received(answerWith('id=two; Path=/\nforeign=1; Domain=example.com'));
    first.received(answerWith('id=one; Path=/\nhidden=1; Path=/other'));
    expect(prepare(arrival(2)).request.headers.cookie).toBe('id=one');
    expect(prepare(arrival(3)).request.headers.cookie).toBe('id=two');
    expect(first.request.headers.cookie).toBeUndefined();
  });

  it('stay small where a server never stops giving cookies', () => {
    const prepare = requestsOf(flow({ clients: 1 }), PLAN, () => 0);
    let longest = 0;
    for (let turn = 0; turn < 30; turn += 1) {
      const { request, received } = prepare(arrival(turn));
      longest = Math.max(longest, request.headers.cookie?.length ?? 0);
      received(answerWith(Array.from({ length: 1500 }, (_, index) => `c${turn}-${index}=1; Path=/`).join('\n')));
    }
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(4000);
  });

  it('can be shown as the first arrival would send them', () => {
    const template = { path: ['/n/', { value: 'seq' as const }], headers: {}, body: null };
    expect(exampleOf(flow({ template }), PLAN, 0).path).toBe('/n/0');
  });
});
