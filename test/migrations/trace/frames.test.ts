import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, frame, noticeOf, openingOf } from '../../../src/migrations/trace/frames.ts';

const messages = fc.array(fc.tuple(fc.constantFrom('Q', 'C', 'Z', 'N'), fc.string({ maxLength: 40 })), {
  maxLength: 12,
});

/** Cuts bytes at the places given. */
function pieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index] as number, end));
}

describe('messages of the protocol', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 8 }), (list, cuts) => {
        const bytes = Buffer.concat(list.map(([type, text]) => frame(type, text)));
        const reader = new FrameReader();
        const read = pieces(bytes, cuts).flatMap((piece) => reader.take(piece));
        expect(read.map(({ type, body }) => [type, body.subarray(0, -1).toString()])).toEqual(list);
        expect(Buffer.concat(read.map((each) => each.bytes))).toEqual(bytes);
      }),
    );
  });

  it('are refused where the length is none', () => {
    expect(() => new FrameReader().take(Buffer.from('GET / HTTP/1.1\r\n'))).toThrow(/protocol of PostgreSQL/);
  });

  it('begin with one that asks for encryption, cancels, or names the user', () => {
    const opening = (code: number, rest = Buffer.alloc(0)) => {
      const head = Buffer.alloc(8);
      head.writeInt32BE(8 + rest.length, 0);
      head.writeInt32BE(code, 4);
      return Buffer.concat([head, rest]);
    };
    expect(openingOf(opening(80_877_103))?.opening).toEqual({ kind: 'encryption' });
    expect(openingOf(opening(80_877_102, Buffer.alloc(8)))?.opening.kind).toBe('cancel');
    const startup = openingOf(opening(0x30000, Buffer.from('user\0me\0search_path\0a, b\0\0')));
    expect(startup?.opening).toEqual({
      kind: 'startup',
      minor: 0,
      parameters: new Map([
        ['user', 'me'],
        ['search_path', 'a, b'],
      ]),
    });
    expect(openingOf(opening(0x30000).subarray(0, 6))).toBeNull();
    expect(openingOf(Buffer.from('GET / HTTP/1.1'))?.opening.kind).toBe('unknown');
  });

  it('of the server tell their severity untranslated', () => {
    const body = frame('N', 'SHINWEIS', 'VNOTICE', 'C00000', 'Mdone', Buffer.from([0])).subarray(5);
    expect(noticeOf(body)).toEqual({ severity: 'NOTICE', code: '00000', message: 'done' });
  });
});
