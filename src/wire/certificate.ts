import type { TLSSocket } from 'node:tls';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Automatic renewal has happened by then wherever it works. */
const NOTED_DAYS = 14;

/** When the certificate that the server showed expires, ms since 1970; null where it showed none. */
export function certificateUntil(socket: TLSSocket): number | null {
  const until = Date.parse(socket.getPeerX509Certificate()?.validTo ?? '');
  return Number.isNaN(until) ? null : until;
}

/** What is worth a note about a certificate that expires at `until`, both in ms since 1970; null in good time. */
export function expiryNote(until: number, nowMs: number): string | null {
  const left = until - nowMs;
  if (left > NOTED_DAYS * DAY_MS) return null;
  const day = `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (left <= 0) return `the server's certificate expired on ${day}`;
  const days = Math.floor(left / DAY_MS);
  const span = days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`;
  return `the server's certificate expires ${span}, on ${day}`;
}
