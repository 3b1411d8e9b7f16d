import type { Expectation, RequestPlan } from '../../src/wire/plan.js';

export const ANY_SUCCESS: Expectation = { statuses: null, body: null, json: [], headers: [] };

export function get(path: string, part: Partial<RequestPlan> = {}): RequestPlan {
  return { method: 'GET', path, headers: {}, body: null, expect: ANY_SUCCESS, ...part };
}

export function post(path: string, body: string | null = null, part: Partial<RequestPlan> = {}): RequestPlan {
  return { ...get(path, part), method: 'POST', body };
}
