import { dirname } from 'node:path';
import { messageOf } from '../model/errors.js';
import type { ShellResult } from '../platform/shell.js';
import { quoted } from '../platform/ssh.js';
import { createLineReader } from './line-reader.js';
import type { Sight } from './sight.js';

const READ_BYTES = 1024 * 1024;

/** Where in which file the next look begins; `inode` null before the first. */
interface Place {
  inode: string | null;
  position: number;
}

/** Follows what is added to a file of another machine, as `createLogFile` does here. */
export function createRemoteLog(
  path: string,
  run: (script: string) => Promise<ShellResult>,
  sight: Sight,
  { onLine, onGap }: { onLine(text: string): void; onGap(detail: string): void },
): () => Promise<void> {
  const reader = createLineReader(onLine);
  const name = quoted(path);
  let place: Place | null = null;
  /** There was a look, and the file was not there: all of it is of this run. */
  let wasMissing = false;

  const sizeNow = async (): Promise<{ inode: string; size: number } | null> => {
    const { output, exitCode } = await run(`[ -f ${name} ] || exit 44; stat -L -c '%i %s' -- ${name} 2>&1`);
    if (exitCode === 44) return null;
    const [, inode, size] = /^(\d+) (\d+)\s*$/.exec(output.toString('utf8')) ?? [];
    if (inode === undefined) throw new Error(output.toString('utf8').trim() || `${path} cannot be read`);
    return { inode, size: Number(size) };
  };

  const readFrom = async (file: string, position: number): Promise<number> => {
    const { output, exitCode } = await run(`tail -c +${position + 1} -- ${file} 2>/dev/null | head -c ${READ_BYTES}`);
    if (exitCode !== 0) throw new Error(`${path} cannot be read`);
    reader.read(output);
    return output.length;
  };

  /** What was added to the file before it was rotated away; the name it has now is found by its number. */
  const readRest = async ({ inode, position }: Place): Promise<void> => {
    const found = await run(`find ${quoted(dirname(path))} -maxdepth 1 -inum ${inode} 2>/dev/null | head -n 1`);
    const old = found.output.toString('utf8').trim();
    if (old === '') {
      sight.blind(`${path} was rotated away: the last lines of the old file were not seen`);
      reader.forget();
    } else await readFrom(quoted(old), position);
  };

  return async () => {
    try {
      const now = await sizeNow();
      if (now === null) {
        if (place === null) sight.blind(`there is no ${path}`);
        wasMissing = true;
        return;
      }
      if (place === null) place = { inode: now.inode, position: wasMissing ? 0 : now.size };
      if (place.inode !== now.inode) {
        onGap(`${path} was rotated: what the old file was given later was not seen`);
        await readRest(place);
        place = { inode: now.inode, position: 0 };
      }
      if (now.size < place.position) {
        onGap(`${path} was cut while it was written`);
        place.position = 0;
        reader.forget();
      }
      if (now.size > place.position) place.position += await readFrom(name, place.position);
      sight.sees();
    } catch (error) {
      sight.blind(messageOf(error));
    }
  };
}
