import { dirname } from 'node:path';
import { messageOf } from '../model/errors.js';
import type { ShellResult } from '../platform/shell.js';
import { quoted } from '../platform/ssh.js';
import { createLineReader } from './line-reader.js';
import { isOfRun } from './log-file.js';
import type { Sight } from './sight.js';

const READ_BYTES = 1024 * 1024;
/** Files of which it is remembered how far they were read. */
const REMEMBERED = 100;

/** A file as it was found at the path. Times are seconds of its machine's clock. */
interface Found {
  /** Its device, number and birth: the number of a file that is gone is given to another. */
  id: string;
  inode: string;
  size: number;
  /** 0 where its machine does not say. */
  bornAt: number;
  changedAt: number;
  /** Its name without any link. */
  file: string;
}

/** Where in a file the next look begins. */
interface Place {
  id: string;
  inode: string;
  folder: string;
  position: number;
  reader: ReturnType<typeof createLineReader>;
}

/** Follows what is added to a file of another machine, as `createLogFile` does here. */
export function createRemoteLog(
  path: string,
  run: (script: string) => Promise<ShellResult>,
  sight: Sight,
  { onLine, onGap }: { onLine(text: string): void; onGap(detail: string): void },
): () => Promise<void> {
  const name = quoted(path);
  /** Of the files that were read: the last one is that at the path. */
  let places: Place[] = [];
  /** When it was looked for first, by the other machine's clock. */
  let beganAt: number | null = null;
  /** There was a look, and the file was not there. */
  let wasMissing = false;

  const find = async (): Promise<Found | null> => {
    const { output, exitCode } = await run(
      `date +%s; [ -f ${name} ] || exit 44; stat -L -c '%d:%i %s %W %Y' -- ${name} 2>&1 && readlink -f -- ${name}`,
    );
    const [date = '', stat = '', file = ''] = output.toString('utf8').split('\n');
    beganAt ??= Number(date);
    if (exitCode === 44) return null;
    const [, device, inode, size, born, changed] = /^(\d+):(\d+) (\d+) (\S+) (\d+)$/.exec(stat) ?? [];
    if (inode === undefined || file === '') throw new Error(stat.trim() || `${path} cannot be read`);
    const id = `${device}:${inode} ${born}`;
    return { id, inode, size: Number(size), bornAt: Number(born) || 0, changedAt: Number(changed), file };
  };

  const readFrom = async (file: string, place: Place): Promise<void> => {
    const { output, exitCode } = await run(
      `tail -c +${place.position + 1} -- ${quoted(file)} 2>/dev/null | head -c ${READ_BYTES}`,
    );
    if (exitCode !== 0) throw new Error(`${path} cannot be read`);
    place.reader.read(output);
    place.position += output.length;
  };

  /** What was added to the file before it was rotated away; the name it has now is found by its number. */
  const readRest = async (place: Place): Promise<void> => {
    const found = await run(`find ${quoted(place.folder)} -maxdepth 1 -inum ${place.inode} 2>/dev/null | head -n 1`);
    const old = found.output.toString('utf8').trim();
    if (old === '') {
      sight.blind(`${path} was rotated away: the last lines of the old file were not seen`);
      place.reader.forget();
    } else await readFrom(old, place);
  };

  const beginOf = ({ size, bornAt, changedAt }: Found): number => {
    if (places.length === 0 && !wasMissing) return size;
    if (isOfRun({ bornAt, changedAt }, beganAt ?? 0)) return 0;
    if (changedAt >= (beganAt ?? 0)) onGap(`${path} is older than the run: what was added before was not seen`);
    return size;
  };

  return async () => {
    try {
      const found = await find();
      const last = places.at(-1);
      if (found === null) {
        if (last === undefined) sight.blind(`there is no ${path}`);
        wasMissing = true;
        return;
      }
      if (last?.id !== found.id) {
        if (last !== undefined) {
          onGap(`${path} was rotated: what the old file was given later was not seen`);
          await readRest(last);
        }
        const known = places.find(({ id }) => id === found.id);
        const { id, inode, file } = found;
        const place = known ?? { id, inode, folder: '', position: beginOf(found), reader: createLineReader(onLine) };
        place.folder = dirname(file);
        places = [...places.filter((each) => each !== place), place].slice(-REMEMBERED);
      }
      const place = places.at(-1) as Place;
      if (found.size < place.position) {
        onGap(`${path} was cut while it was written`);
        place.position = 0;
        place.reader.forget();
      }
      if (found.size > place.position) await readFrom(found.file, place);
      sight.sees();
    } catch (error) {
      sight.blind(messageOf(error));
    }
  };
}
