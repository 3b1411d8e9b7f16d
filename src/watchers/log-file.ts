import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { messageOf } from '../model/errors.js';
import { createLineReader } from './line-reader.js';
import type { Sight } from './sight.js';

/** Bytes read in one look: what a busy access log writes in it many times over. */
const READ_BYTES = 256 * 1024;
/** Unread bytes beyond this are passed over, and said so. */
const BACKLOG_BYTES = 16 * 1024 * 1024;
/** A writer that was not told of the rotation goes on with the old file for a while, ms. */
const ROTATED_MS = 10_000;

interface OpenFile {
  fd: number;
  id: string;
  position: number;
  reader: ReturnType<typeof createLineReader>;
  /** The last look read as much as it may: there may be more. */
  more: boolean;
  /** When it was seen to be rotated away; null for the one at the path. */
  rotatedAt: number | null;
}

/**
 * Follows what is added to the file at a path. One that is there at the first look is followed from its end on, one that
 * comes later from its beginning. `onGap` hears of every time at which lines may have been missed.
 */
export function createLogFile(
  path: string,
  sight: Sight,
  { onLine, onGap, now }: { onLine(text: string): void; onGap(detail: string): void; now(): number },
) {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let files: OpenFile[] = [];
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
    for (const file of files) file.rotatedAt ??= now();
    const position = first ? opened.size : 0;
    files.push({ fd, id: idOf(opened), position, reader: createLineReader(onLine), more: false, rotatedAt: null });
    sight.sees();
  };

  const read = (file: OpenFile): void => {
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
    const old = files.filter(({ rotatedAt }) => rotatedAt !== null && now() - rotatedAt > ROTATED_MS);
    for (const { fd } of old) closeSync(fd);
    files = files.filter((file) => !old.includes(file));
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
      for (const { fd } of files.splice(0)) closeSync(fd);
    },
  };
}

function idOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}
