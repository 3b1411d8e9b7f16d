/** One message of PostgreSQL's protocol: a letter, and what follows its length. */
export interface Frame {
  type: string;
  body: Buffer;
  /** As it came. */
  bytes: Buffer;
}

/** What the server says beside its results; the fields of an error or a notice that are used. */
export interface ServerNotice {
  severity: string;
  code: string;
  message: string;
}

/** The first message of a client has no letter. */
export type Opening =
  | { kind: 'encryption' }
  | { kind: 'cancel'; bytes: Buffer }
  | { kind: 'startup'; minor: number; parameters: Map<string, string> }
  | { kind: 'unknown' };

/** A COPY may send much; one message of a migration has a gigabyte at most, as in the server. */
const MAX_BYTES = 0x3fff_ffff;
const MAX_OPENING_BYTES = 10_000;
const CANCEL = 80_877_102;
const TLS = 80_877_103;
const GSS = 80_877_104;

/** Cuts a stream into messages. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws where this is no PostgreSQL. */
  take(chunk: Buffer): Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    while (this.#rest.length >= 5) {
      const length = this.#rest.readInt32BE(1);
      if (length < 4 || length > MAX_BYTES) throw new Error('this is not the protocol of PostgreSQL');
      if (this.#rest.length < length + 1) break;
      const bytes = this.#rest.subarray(0, length + 1);
      frames.push({ type: String.fromCharCode(bytes[0] as number), body: bytes.subarray(5), bytes });
      this.#rest = this.#rest.subarray(length + 1);
    }
    return frames;
  }
}

/** The opening message in `bytes`, and what follows it; null where more must come. */
export function openingOf(bytes: Buffer): { opening: Opening; rest: Buffer } | null {
  if (bytes.length < 8) return null;
  const length = bytes.readInt32BE(0);
  if (length < 8 || length > MAX_OPENING_BYTES) return { opening: { kind: 'unknown' }, rest: Buffer.alloc(0) };
  if (bytes.length < length) return null;
  const code = bytes.readInt32BE(4);
  const rest = bytes.subarray(length);
  if (code === TLS || code === GSS) return { opening: { kind: 'encryption' }, rest };
  if (code === CANCEL) return { opening: { kind: 'cancel', bytes: bytes.subarray(0, length) }, rest };
  if (code >>> 16 !== 3) return { opening: { kind: 'unknown' }, rest };
  const words = stringsOf(bytes.subarray(8, length));
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) {
    parameters.set(words[at] as string, words[at + 1] as string);
  }
  return { opening: { kind: 'startup', minor: code & 0xffff, parameters }, rest };
}

/** A message of the server, as a client reads it. */
export function frame(type: string, ...parts: (string | number | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map(partOf));
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Numbers are four bytes, strings end with a zero. */
function partOf(part: string | number | Buffer): Buffer {
  if (typeof part === 'string') return Buffer.from(`${part}\0`);
  if (typeof part !== 'number') return part;
  const four = Buffer.alloc(4);
  four.writeInt32BE(part);
  return four;
}

/** The strings of a message, each ended by a zero. */
export function stringsOf(body: Buffer): string[] {
  return body.toString('utf8').split('\0').slice(0, -1);
}

export function noticeOf(body: Buffer): ServerNotice {
  const fields = new Map(stringsOf(body).map((field) => [field[0], field.slice(1)]));
  return {
    // `S` is translated on some servers.
    severity: fields.get('V') ?? fields.get('S') ?? '',
    code: fields.get('C') ?? '',
    message: fields.get('M') ?? '',
  };
}
