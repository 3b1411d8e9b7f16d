import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { execCredential } from '../../src/platform/exec-credential.js';
import { endedWithin } from '../../src/platform/process-group.js';

function script(body: string): { dir: string; command: string } {
  const dir = mkdtempSync(join(tmpdir(), 'zdd-plugin-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'plugin'), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return { dir, command: './plugin' };
}

const never = new AbortController().signal;

it('gives the plugin its arguments, its variables and what it is asked for', async () => {
  const { dir, command } = script(
    'printf \'{"status":{"token":"%s %s %s"}}\' "$1" "$ROLE" "$(echo $KUBERNETES_EXEC_INFO | tr -d \'"\')"',
  );
  const found = await execCredential(
    { command, args: ['get'], env: [{ name: 'ROLE', value: 'reader' }], apiVersion: 'v1beta1' },
    dir,
    5000,
    never,
  );
  expect(found).toEqual({
    token: 'get reader {kind:ExecCredential,apiVersion:v1beta1,spec:{interactive:false}}',
    cert: null,
    key: null,
    until: Number.POSITIVE_INFINITY,
  });
});

it('ends a plugin that does not end, with all that it started', async () => {
  const { dir, command } = script('trap "" TERM; cd "$1"; sleep 600 & echo $! > child; echo $$ > own; wait; sleep 600');
  await expect(execCredential({ command, args: [dir] }, dir, 500, never)).rejects.toThrow('did not end within 0.5 s');
  for (const name of ['own', 'child'])
    expect(await endedWithin(Number(readFileSync(join(dir, name), 'utf8')), null, 4000)).toBe(true);
});
