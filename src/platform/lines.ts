/**
 * The lines of a text that comes in pieces, without their ends; what stands behind the last end is a line too. Only `\n`
 * ends a line: U+2028, at which newer versions of Node's `readline` cut as well, may stand inside JSON as it is.
 */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
