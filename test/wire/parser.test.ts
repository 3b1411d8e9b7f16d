import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerHeaders } from '../../src/wire/exchange.js';
import { MAX_HEADER_BYTES, MAX_INTERIM_ANSWERS } from '../../src/wire/exchange.js';
import { AnswerParser } from '../../src/wire/parser.js';

interface Read {
  status: number;
  headers: AnswerHeaders;
  keepAlive: boolean;
  body: string;
  complete: boolean;
  error: string | null;
}

/** Reads pieces as they would come from a socket; `end` says that the connection ended behind them. */
function read(pieces: Buffer[], { bodiless = false, end = false } = {}): Read {
  const parser = new AnswerParser();
  const seen: Read = { status: 0, headers: {}, keepAlive: true, body: '', complete: false, error: null };
  parser.begin({
    bodiless,
    head: (status, headers, keepAlive) => Object.assign(seen, { status, headers: { ...headers }, keepAlive }),
    body: (piece) => {
      seen.body += piece.toString('latin1');
    },
    complete: () => {
      seen.complete = true;
    },
  });
  for (const piece of pieces) seen.error ??= parser.execute(piece);
  if (end) parser.finish();
  parser.free();
  return seen;
}

function cut(text: string, at: number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

const ANSWERS: [name: string, text: string, end: boolean][] = [
  ['a length', 'HTTP/1.1 200 OK\r\nX-Release: v1\r\ncontent-length: 11\r\n\r\nhello world', false],
  [
    'chunks and a trailer',
    'HTTP/1.1 200 OK\r\nX-Release: v1\r\ntransfer-encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\nx: y\r\n\r\n',
    false,
  ],
  [
    'an interim answer before it',
    'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-Release: v1\r\ncontent-length: 11\r\n\r\nhello world',
    false,
  ],
  ['the end of the connection', 'HTTP/1.1 200 OK\r\nX-Release: v1\r\n\r\nhello world', true],
];

describe('the parser of answers', () => {
  it.each(ANSWERS)('reads an answer with %s the same, wherever it is cut', (_name, text, end) => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 8 }), (places) => {
        const seen = read(cut(text, places), { end });
        expect(seen).toMatchObject({ status: 200, body: 'hello world', complete: true, error: null });
        expect(seen.headers['x-release']).toBe('v1');
      }),
      { numRuns: 200 },
    );
  });

  it('takes every second answer, and bytes behind one, for no part of it', () => {
    const one = 'HTTP/1.1 204 No Content\r\n\r\n';
    expect(read([Buffer.from(one + one)])).toMatchObject({ complete: true, error: 'bytes behind the answer' });
    expect(read([Buffer.from(one), Buffer.from('x')]).error).not.toBeNull();
  });

  it('reads no body behind the answer to HEAD', () => {
    const text = 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n';
    expect(read([Buffer.from(text)], { bodiless: true })).toMatchObject({ complete: true, body: '' });
  });

  it.each([
    ['HTTP/2.0 200 OK\r\ncontent-length: 0\r\n\r\n', /HTTP/],
    ['HTTP/1.1 099 Early\r\ncontent-length: 1\r\n\r\nx', /099|99|status/i],
    ['SSH-2.0-OpenSSH_9.2\r\n', /./],
  ])('takes %j for no answer', (text, reason) => {
    expect(read([Buffer.from(text)])).toMatchObject({ complete: false, error: expect.stringMatching(reason) });
  });

  it.each([
    ['HTTP/1.1 200 OK', true],
    ['HTTP/1.1 200 OK\r\nconnection: close', false],
    ['HTTP/1.1 200 OK\r\nconnection: Keep-Alive, X', true],
    ['HTTP/1.0 200 OK', false],
    ['HTTP/1.0 200 OK\r\nconnection: keep-alive', true],
  ])('keeps the connection of an answer to HEAD without a length, after %j: %j', (head, keepAlive) => {
    expect(read([Buffer.from(`${head}\r\n\r\n`)], { bodiless: true })).toMatchObject({ complete: true, keepAlive });
  });

  it('tells whether the connection will be kept', () => {
    const says = (head: string) => read([Buffer.from(`${head}\r\ncontent-length: 0\r\n\r\n`)]).keepAlive;
    expect(says('HTTP/1.1 200 OK')).toBe(true);
    expect(says('HTTP/1.1 200 OK\r\nconnection: close')).toBe(false);
    expect(says('HTTP/1.0 200 OK')).toBe(false);
    expect(says('HTTP/1.0 200 OK\r\nconnection: keep-alive')).toBe(true);
  });

  it('joins repeated headers, cookies by lines, and is not misled by names of objects', () => {
    const text =
      'HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nset-cookie: x=1\r\nset-cookie: y=2\r\n__proto__: z\r\ncontent-length: 0\r\n\r\n';
    const { headers } = read([Buffer.from(text)]);
    expect(headers.a).toBe('1, 2');
    expect(headers['set-cookie']).toBe('x=1\ny=2');
  });

  it('gives endless headers and endless interim answers up', () => {
    const header = `x: ${'y'.repeat(1000)}\r\n`;
    const many = [Buffer.from('HTTP/1.1 200 OK\r\n'), ...Array.from({ length: 100 }, () => Buffer.from(header))];
    expect(read(many).error).toContain(String(MAX_HEADER_BYTES));
    const interim = Buffer.from('HTTP/1.1 102 Processing\r\n\r\n'.repeat(MAX_INTERIM_ANSWERS + 1));
    expect(read([interim]).error).toContain('interim');
  });

  it('never fails but with a word, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), fc.boolean(), (pieces, end) => {
        const { error } = read([Buffer.from('HTTP/1.1 200 OK\r\n'), ...pieces.map((piece) => Buffer.from(piece))], {
          end,
        });
        expect(error === null || error.length > 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('reads a piece that is larger than its buffer', () => {
    const body = 'z'.repeat(300_000);
    const seen = read([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)]);
    expect([seen.complete, seen.body.length]).toEqual([true, body.length]);
  });
});
