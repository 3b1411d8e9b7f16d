import { messageOf } from '../model/errors.js';
import { follow, LOCAL_SHELL } from '../platform/shell.js';
import { quoted } from '../platform/ssh.js';
import { createLineReader } from './line-reader.js';
import { createMatcher } from './matcher.js';
import { poll } from './poll.js';
import { createRemote } from './remote.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

const FLUSH_MS = 100;
/** After journalctl ended, or could not be asked. */
const AGAIN_MS = 2000;

/** Lines of systemd units in the journal that match a pattern. */
export const journal: Watcher<'journal'> = {
  name: 'journal',
  async watch({ units, on, patterns }, context) {
    const { clock } = context;
    const sight = createSight(context);
    const matcher = createMatcher(patterns, context);
    const remote = createRemote(on, context);
    const names = units.flatMap((unit) => ['-u', quoted(unit)]).join(' ');
    let cursor: string | null = null;
    let stop: (() => void) | null = null;
    let startAt = 0;
    const hear = createLineReader((line) => {
      const entry = entryIn(line);
      cursor = entry.cursor ?? cursor;
      matcher.line(entry.message);
    });
    const begin = async (): Promise<void> => {
      cursor ??= await lastCursor(remote.text);
      const command = `journalctl --follow --lines=all --after-cursor=${quoted(cursor)} --output=json --output-fields=MESSAGE --quiet ${names}`;
      stop = follow(on?.shell ?? LOCAL_SHELL, command, {
        onChunk: (chunk) => hear.read(chunk),
        onEnd: (detail) => {
          stop = null;
          startAt = clock.now() + AGAIN_MS;
          hear.forget();
          sight.blind(`journalctl: ${detail}`);
        },
      });
      // From the cursor on nothing is missed, also where it starts late.
      sight.sees();
    };
    try {
      await poll(context, FLUSH_MS, async () => {
        matcher.flush();
        if (stop !== null || clock.now() < startAt) return;
        await begin().catch((error) => {
          startAt = clock.now() + AGAIN_MS;
          sight.blind(messageOf(error));
        });
      });
    } finally {
      (stop as (() => void) | null)?.();
      remote.close();
    }
  },
};

/** What journalctl says where it may not read the entries of others, or there are none. */
const CANNOT_SEE = /insufficient permissions|not seeing messages|No journal files/i;

/** The place in the journal behind its last entry. */
async function lastCursor(text: (script: string) => Promise<string>): Promise<string> {
  const said = await text('journalctl --lines=1 --show-cursor --output=cat 2>&1');
  const cursor = /^-- cursor: (.+)$/m.exec(said)?.[1];
  const problem = said.split('\n').find((line) => CANNOT_SEE.test(line));
  if (problem !== undefined || cursor === undefined) throw new Error(problem?.trim() || 'the journal is empty');
  return cursor;
}

/** An entry as `--output=json` writes it; a line that is none, as it is. */
export function entryIn(line: string): { cursor: string | null; message: string } {
  try {
    const { MESSAGE: message, __CURSOR: cursor } = JSON.parse(line) as Record<string, unknown>;
    // What is not UTF-8 comes as a list of bytes.
    const text = Array.isArray(message) ? Buffer.from(message as number[]).toString('utf8') : message;
    return { cursor: typeof cursor === 'string' ? cursor : null, message: typeof text === 'string' ? text : '' };
  } catch {
    return { cursor: null, message: line };
  }
}
