import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { messageOf } from '../model/errors.js';
import { wallTime } from '../platform/clock.js';
import { createLineReader } from './line-reader.js';
import type { Sight } from './sight.js';

/** Bytes read in one look: what a busy access log writes in it many times over. */
const READ_BYTES = 256 * 1024;
/** Unread bytes beyond this are passed over, and said so. */
const BACKLOG_BYTES = 16 * 1024 * 1024;
/** A writer that was not told of the rotation goes on with the old file for a while, ms. */
const ROTATED_MS = 10_000;
/** Files of which it is remembered how far they were read. */
const REMEMBERED = 100;
/** A file system's times are those of the last tick of the kernel's clock, ms. */
const TICK_MS = 20;

interface KnownFile {
  /** Null once it is closed. */
  fd: number | null;
  id: string;
  /** When it was made, ms of wall time: the number of a file that is gone is given to another. */
  bornAt: number;
  position: number;
  reader: ReturnType<typeof createLineReader>;
  /** The last look read as much as it may: there may be more. */
  more: boolean;
  /** When it was seen to be rotated away; null for the one at the path. */
  rotatedAt: number | null;
}

/**
 * Follows what is added to the file at a path. One that is there at the first look is followed from its end on. One that
 * comes later is read from where it was read to before; one that was never read from its beginning, or from its end where
 * it is older than the run. `onGap` hears of every time at which lines may have been missed.
 */
export function createLogFile(
  path: string,
  sight: Sight,
  { onLine, onGap, now }: { onLine(text: string): void; onGap(detail: string): void; now(): number },
) {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const beganAt = wallTime().getTime() - TICK_MS;
  let files: KnownFile[] = [];
  let first = true;

  const openNew = (): void => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found !== undefined && files.some(({ id, rotatedAt }) => rotatedAt === null && id === idOf(found))) return;
    if (found === undefined) {
      if (files.length === 0) sight.blind(`there is no ${path}`);
      return;
    }
    // A pipe would hold up whoever opens it.
    if (!found.isFile()) {
      sight.blind(`${path} is no regular file`);
      return;
    }
    const fd = openSync(path, 'r');
    const opened = fstatSync(fd);
    const [id, bornAt] = [idOf(opened), opened.birthtimeMs];
    for (const file of files) file.rotatedAt ??= now();
    const known = files.find((file) => file.id === id);
    if (known !== undefined && known.fd !== null) closeSync(known.fd);
    const isSame = known !== undefined && (known.fd !== null || known.bornAt === bornAt);
    const fresh = { id, bornAt, reader: createLineReader(onLine), more: false };
    const file = isSame ? known : { ...fresh, position: beginOf(opened) };
    files = [...files.filter((each) => each !== known), { ...file, fd, rotatedAt: null }];
    sight.sees();
  };

  const beginOf = ({ size, birthtimeMs: bornAt, mtimeMs: changedAt }: Stats): number => {
    if (!first && isOfRun({ bornAt, changedAt }, beganAt)) return 0;
    if (!first && changedAt >= beganAt) onGap(`${path} is older than the run: what was added before was not seen`);
    return size;
  };

  const read = (file: KnownFile): void => {
    if (file.fd === null) return;
    const { size } = fstatSync(file.fd);
    if (size < file.position) {
      onGap(`${path} was cut while it was written`);
      file.position = 0;
      file.reader.forget();
    }
    if (size - file.position > BACKLOG_BYTES) {
      onGap(`${path} is written faster than it is read`);
      sight.blind(`${path} is written faster than it is read: ${size - file.position} bytes were passed over`);
      file.position = size;
      file.reader.forget();
    }
    const bytes = readSync(file.fd, buffer, 0, READ_BYTES, file.position);
    file.position += bytes;
    file.more = bytes === READ_BYTES;
    file.reader.read(buffer.subarray(0, bytes));
  };

  const closeOld = (): void => {
    for (const file of files) {
      if (file.fd === null || file.rotatedAt === null || now() - file.rotatedAt <= ROTATED_MS) continue;
      closeSync(file.fd);
      file.fd = null;
    }
    files = files.filter(({ fd }, index) => fd !== null || index >= files.length - REMEMBERED);
  };

  return {
    look(): void {
      try {
        openNew();
        first = false;
        for (const file of files) read(file);
        closeOld();
        if (files.length > 0) sight.sees();
      } catch (error) {
        first = false;
        sight.blind(messageOf(error));
      }
    },
    /** Says so where not everything that was written was read. */
    checkEnd(): void {
      if (files.some(({ more }) => more)) onGap(`${path} was not read to its end`);
    },
    close(): void {
      for (const { fd } of files.splice(0)) if (fd !== null) closeSync(fd);
    },
  };
}

/** Whether a file was made in the run. `bornAt` 0: its file system does not say; then one that is written to may have been. */
export function isOfRun({ bornAt, changedAt }: { bornAt: number; changedAt: number }, beganAt: number): boolean {
  return (bornAt === 0 ? changedAt : bornAt) >= beganAt;
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
