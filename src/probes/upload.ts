import { createCipheriv, createHash } from 'node:crypto';
import { beginningOf } from '../model/cut.js';
import type { Pending } from '../wire/connection.js';
import type { Exchange } from '../wire/exchange.js';
import { textAt } from './answer-text.js';
import { nameOf, withClient } from './client.js';
import type { ProbeOptions } from './plan.js';
import type { Probe, ProbeContext } from './probe.js';
import { repeat } from './schedule.js';

const TICK_MS = 20;
const PIECE_BYTES = 64 * 1024;

/** Sends a body slowly, again and again, and holds what the server says it received against what was sent. */
export const upload: Probe<'upload'> = {
  name: 'upload',
  async run(options, context) {
    const { request, bytes, overMs, everyMs } = options;
    await withClient(context, context.plan.endpoint, async (client) => {
      await repeat(context, everyMs, async (number) => {
        const body = new Body(`${context.plan.seed}/${number}`, bytes);
        const over = new AbortController();
        let sending: Promise<void> = Promise.resolve();
        let corrupted = false;
        const asked = await client
          .ask(
            { ...request, headers: { 'content-type': 'application/octet-stream', ...request.headers } },
            {
              on: 'fresh',
              timeoutMs: overMs + context.plan.timeoutMs,
              keepBody: options.digest !== null && options.digest.from !== 'header',
              contentLength: bytes,
              onPending: (pending) => {
                sending = send(body, pending, overMs, context, over.signal);
              },
              judge: (result) => {
                if (body.left > 0) return `answered with ${body.left} of ${bytes} bytes still to come`;
                const problem = mismatch(options.digest, result, body.digest());
                corrupted = problem !== null;
                return problem;
              },
            },
          )
          .finally(() => over.abort());
        await sending;
        if (corrupted) client.fault('corrupted', asked.result.sentAt, `${asked.name}: ${asked.detail}`);
        else if (asked.fate === 'failed') client.failed(asked);
        if (asked.fate === 'ok') client.sayReady(`${nameOf(request)}: ${bytes} bytes over ${overMs} ms`);
      });
    });
  },
};

/** Writes the body evenly over `overMs`, each piece at its time; ends where the exchange does. */
async function send(
  body: Body,
  pending: Pending,
  overMs: number,
  { clock }: ProbeContext,
  over: AbortSignal,
): Promise<void> {
  const beganAt = clock.now();
  const whole = body.left;
  while (body.left > 0 && !over.aborted) {
    await clock.sleep(TICK_MS, over).catch(() => {});
    const share = Math.min(1, (clock.now() - beganAt) / overMs);
    const due = Math.ceil(whole * share) - (whole - body.left);
    for (let left = due; left > 0 && !over.aborted; ) {
      const piece = body.next(Math.min(left, PIECE_BYTES));
      left -= piece.length;
      pending.write(piece);
    }
  }
}

/** Bytes that nothing on the way can guess or compress: the key stream of a cipher. */
class Body {
  readonly #stream;
  readonly #hash = createHash('sha256');
  left: number;

  constructor(seed: string, bytes: number) {
    const key = createHash('sha256').update(seed).digest();
    this.#stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
    this.left = bytes;
  }

  next(bytes: number): Buffer {
    const piece = this.#stream.update(Buffer.alloc(Math.min(bytes, this.left)));
    this.left -= piece.length;
    this.#hash.update(piece);
    return piece;
  }

  /** SHA-256 of what was sent, hex. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

function mismatch(place: ProbeOptions['upload']['digest'], result: Exchange, sent: string): string | null {
  if (place === null) return null;
  const said = textAt(place, result);
  if (said === null) return 'the answer does not say what was received';
  return said.toLowerCase().includes(sent) ? null : `received ${beginningOf(said, 80)}, sent ${sent}`;
}
