import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { FOLLOW_SCRIPT } from '../../src/report/html/client/follow.js';
import { CLIENT_SCRIPTS } from '../../src/report/html/client.js';

it.each([...CLIENT_SCRIPTS, FOLLOW_SCRIPT].map((text) => [/const (?:zdd|\w+) =|zdd\.\w+/.exec(text)?.[0] ?? '', text]))(
  'the script that begins with %s can be parsed, and ends no element',
  (_begin, text) => {
    expect(() => new Script(text)).not.toThrow();
    expect(text).not.toMatch(/<\/script|<!--/i);
  },
);
