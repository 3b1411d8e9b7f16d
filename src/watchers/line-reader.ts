import { StringDecoder } from 'node:string_decoder';

/** Of a line longer than this the rest is passed over. */
const LINE_CHARS = 16 * 1024;

/** Cuts what a file holds into lines, as it comes; a line without an end waits for the rest of it. */
export function createLineReader(onLine: (text: string) => void) {
  const decoder = new StringDecoder('utf8');
  let partial = '';
  let skipping = false;
  const end = (text: string): void => {
    if (!skipping && partial.length + text.length > 0) onLine((partial + text).slice(0, LINE_CHARS).replace(/\r$/, ''));
    partial = '';
    skipping = false;
  };
  return {
    read(chunk: Buffer): void {
      const pieces = decoder.write(chunk).split('\n');
      const last = pieces.pop() as string;
      for (const piece of pieces) end(piece);
      if (skipping) return;
      partial += last;
      if (partial.length <= LINE_CHARS) return;
      end('');
      skipping = true;
    },
    /** What was read last is no longer followed by what comes next. */
    forget(): void {
      partial = '';
      skipping = false;
      decoder.end();
    },
  };
}
