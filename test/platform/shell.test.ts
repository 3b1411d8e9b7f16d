import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Shell } from '../../src/platform/shell.js';
import { createRedactor } from '../../src/scenario/redact.js';

describe('a shell that ends', () => {
  it('says what it said last, and nothing of a secret that was cut off there', async () => {
    const secret = createHash('sha512').update('a').digest('base64url');
    const shell = new Shell(['sh', '-c', `printf '%s %01950d' '${secret}' 0 >&2`]);
    const failure = await shell.run('true', 10_000).catch((error: Error) => error.message);
    expect(failure).toMatch(/0{1950}$/);
    expect(createRedactor([secret])(failure as string)).toMatch(/: …\[redacted\] 0{1950}$/);
  });
});
