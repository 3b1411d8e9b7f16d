import { createRequire } from 'node:module';
import type { AnswerHeaders } from './exchange.js';
import { MAX_HEADER_BYTES, MAX_INTERIM_ANSWERS } from './exchange.js';

/** What the parser tells of one answer. */
export interface AnswerListener {
  /** Whether the answer to the request has no body whatever its headers say: HEAD. */
  readonly bodiless: boolean;
  head(status: number, headers: AnswerHeaders, keepAlive: boolean): void;
  /** The piece is only valid during the call. */
  body(piece: Buffer): void;
  complete(): void;
}

/** Why bytes are no answer, in words. */
export type ParseError = string;

/**
 * Reads HTTP/1.1 answers with llhttp, the parser of Node itself, in the WebAssembly build that undici ships. One object
 * for each connection; interim (1xx) answers are read over. `free` it when the connection is gone.
 */
export class AnswerParser {
  readonly #pointer: number;
  #listener: AnswerListener | null = null;
  #names: string[] = [];
  #values: string[] = [];
  #inName = false;
  #headerBytes = 0;
  #interim = 0;
  #headRead = false;
  #complete = false;
  #problem: ParseError | null = null;
  #freed = false;

  constructor() {
    this.#pointer = llhttp.llhttp_alloc(RESPONSE);
    parsers.set(this.#pointer, this);
  }

  /** An answer is expected from here on. */
  begin(listener: AnswerListener): void {
    this.#listener = listener;
    this.#headRead = false;
    this.#complete = false;
    this.#interim = 0;
    this.#reset();
  }

  /** Reads a piece; what it told the listener stands, also where an error comes behind it. */
  execute(piece: Buffer): ParseError | null {
    for (let at = 0; at < piece.length; at += MAX_PIECE) {
      const error = this.#execute(at === 0 && piece.length <= MAX_PIECE ? piece : piece.subarray(at, at + MAX_PIECE));
      if (error !== null) return error;
    }
    return null;
  }

  /** The connection has ended: completes an answer that has no other end. */
  finish(): void {
    // A pointer that was freed may be that of another connection's parser by now.
    if (!this.#freed) llhttp.llhttp_finish(this.#pointer);
  }

  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    parsers.delete(this.#pointer);
    llhttp.llhttp_free(this.#pointer);
  }

  #execute(piece: Buffer): ParseError | null {
    new Uint8Array(llhttp.memory.buffer, buffer, piece.length).set(piece);
    current = piece;
    const code = llhttp.llhttp_execute(this.#pointer, buffer, piece.length);
    if (code === 0) return this.#problem;
    return this.#problem ?? reasonOf(this.#pointer) ?? `error ${code} of the parser`;
  }

  #reset(): void {
    this.#names = [];
    this.#values = [];
    this.#inName = false;
    this.#headerBytes = 0;
  }

  onMessageBegin(): number {
    if (this.#listener !== null && !this.#complete) return 0;
    return this.#fail('bytes behind the answer');
  }

  onStatus(length: number): number {
    return this.#count(length);
  }

  onHeaderField(text: string): number {
    if (this.#inName) this.#names[this.#names.length - 1] += text;
    else this.#names.push(text);
    this.#inName = true;
    return this.#count(text.length);
  }

  onHeaderValue(text: string): number {
    if (this.#inName) this.#values.push(text);
    else this.#values[this.#values.length - 1] += text;
    this.#inName = false;
    return this.#count(text.length);
  }

  /** 0: a body may follow; 1: none does. */
  onHeadersComplete(status: number, keepAlive: boolean): number {
    const listener = this.#listener as AnswerListener;
    if (llhttp.llhttp_get_http_major(this.#pointer) !== 1) return this.#fail('an answer that is not HTTP/1');
    if (status < 100) return this.#fail(`status ${status}`);
    if (status === 101) return this.#fail('101 Switching Protocols, which nobody asked for');
    if (status < 200) {
      this.#interim += 1;
      this.#reset();
      return this.#interim > MAX_INTERIM_ANSWERS ? this.#fail(`more than ${MAX_INTERIM_ANSWERS} interim answers`) : 0;
    }
    this.#headRead = true;
    const headers = this.#headers();
    // Without a length llhttp expects a body to the end of the connection, also where there is none.
    listener.head(status, headers, keepAlive || (listener.bodiless && this.#persists(headers)));
    this.#reset();
    return listener.bodiless ? 1 : 0;
  }

  onBody(piece: Buffer): number {
    this.#listener?.body(piece);
    return 0;
  }

  onMessageComplete(): number {
    if (!this.#headRead) return 0;
    this.#complete = true;
    this.#listener?.complete();
    return 0;
  }

  #count(length: number): number {
    this.#headerBytes += length;
    return this.#headerBytes > MAX_HEADER_BYTES ? this.#fail(`headers of more than ${MAX_HEADER_BYTES} bytes`) : 0;
  }

  #fail(problem: ParseError): number {
    this.#problem ??= problem;
    return FAIL;
  }

  /** Whether the connection outlives an answer, by its version and headers (RFC 9112, 9.3). */
  #persists(headers: AnswerHeaders): boolean {
    const options = (headers.connection ?? '').toLowerCase().split(',');
    const says = (word: string): boolean => options.some((option) => option.trim() === word);
    return !says('close') && (llhttp.llhttp_get_http_minor(this.#pointer) >= 1 || says('keep-alive'));
  }

  #headers(): AnswerHeaders {
    // A plain object, which answers of one server share the shape of; not one whose prototype they could set.
    const headers: AnswerHeaders = {};
    for (let index = 0; index < this.#names.length; index += 1) {
      const name = (this.#names[index] as string).toLowerCase();
      if (name === '__proto__') continue;
      const value = this.#values[index] ?? '';
      const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
      headers[name] = before === undefined ? value : `${before}${name === 'set-cookie' ? '\n' : ', '}${value}`;
    }
    return headers;
  }
}

const RESPONSE = 2;
const FAIL = -1;
const MAX_PIECE = 64 * 1024;

interface Llhttp {
  memory: { buffer: ArrayBuffer };
  malloc(bytes: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(pointer: number): void;
  llhttp_execute(pointer: number, data: number, length: number): number;
  llhttp_finish(pointer: number): number;
  llhttp_get_http_major(pointer: number): number;
  llhttp_get_http_minor(pointer: number): number;
  llhttp_get_error_reason(pointer: number): number;
}

/** Node has it; its types come with those of browsers only. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

const parsers = new Map<number, AnswerParser>();
/** The piece that is being read: callbacks speak of places in it. */
let current: Buffer = Buffer.alloc(0);

const llhttp = instantiate();
const buffer = llhttp.malloc(MAX_PIECE);

function instantiate(): Llhttp {
  const require = createRequire(import.meta.url);
  const module = new WebAssembly.Module(require('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array);
  const of = (pointer: number): AnswerParser => parsers.get(pointer) as AnswerParser;
  const text = (at: number, length: number): string => current.toString('latin1', at - buffer, at - buffer + length);
  const env = {
    wasm_on_url: () => 0,
    wasm_on_status: (pointer: number, _at: number, length: number) => of(pointer).onStatus(length),
    wasm_on_message_begin: (pointer: number) => of(pointer).onMessageBegin(),
    wasm_on_header_field: (pointer: number, at: number, length: number) => of(pointer).onHeaderField(text(at, length)),
    wasm_on_header_value: (pointer: number, at: number, length: number) => of(pointer).onHeaderValue(text(at, length)),
    wasm_on_headers_complete: (pointer: number, status: number, _upgrade: number, keepAlive: number) =>
      of(pointer).onHeadersComplete(status, keepAlive === 1),
    wasm_on_body: (pointer: number, at: number, length: number) =>
      of(pointer).onBody(current.subarray(at - buffer, at - buffer + length)),
    wasm_on_message_complete: (pointer: number) => of(pointer).onMessageComplete(),
  };
  return new WebAssembly.Instance(module, { env }).exports as Llhttp;
}

function reasonOf(pointer: number): string | null {
  const at = llhttp.llhttp_get_error_reason(pointer);
  if (at === 0) return null;
  const bytes = new Uint8Array(llhttp.memory.buffer, at, 200);
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end === -1 ? 200 : end)).toString('latin1') || null;
}
