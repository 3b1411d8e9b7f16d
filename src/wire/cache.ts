import type { AnswerHeaders } from './exchange.js';

const STATUS_HEADERS = ['x-cache', 'x-cache-status', 'cf-cache-status', 'x-proxy-cache'] as const;

/** Whether a cache answered in the app's place: it says HIT, or the answer has an age (RFC 9111, 5.1). */
export function isCached(headers: AnswerHeaders): boolean {
  const { age } = headers;
  if (age !== undefined && Number(age) > 0) return true;
  for (const name of STATUS_HEADERS) {
    const value = headers[name];
    if (value !== undefined && /\bhit\b/i.test(value)) return true;
  }
  return false;
}
