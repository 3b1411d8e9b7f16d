/** The server's time begins before its answer is here. */
const SLACK_MS = 250;

/**
 * Whether a `Keep-Alive` header said that the server closes after so long an idle time: `timeout=5` is in seconds. A
 * client that heeds it is not surprised by the close.
 */
export function isCloseHinted(header: string | undefined, idleMs: number): boolean {
  const hint = /\btimeout=(\d{1,9})\b/.exec(header ?? '')?.[1];
  return hint !== undefined && idleMs >= Number(hint) * 1000 - SLACK_MS;
}
