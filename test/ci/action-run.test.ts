import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.js';
import { runAction } from './runner.js';

/** A service that answers everything until `broken` lies beside the scenario, and a scenario for it whose one step is `step`. */
async function prepared(step: string) {
  const folder = await emptyFolder();
  const server = createServer((_, response) => {
    response.writeHead(existsSync(join(folder, 'checkout/web/broken')) ? 500 : 200).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await mkdir(join(folder, 'checkout/web'), { recursive: true });
  await writeFile(join(folder, 'checkout/web/zdd.yaml'), scenario((server.address() as AddressInfo).port, step));
  const inputs = { scenario: 'zdd.yaml', 'working-directory': 'web', set: 'WORD=back again', comment: 'false' };
  return { folder, inputs };
}

const scenario = (port: number, step: string): string => `version: 1
name: shop
vars: { WORD: "\${WORD:?what the rollback writes}" }
target: { url: "http://127.0.0.1:${port}", timeout: 2s }
traffic: { rate: 20/s, mix: [{ name: home, get: / }] }
warmup: 0s
baseline: 2s
steps:
  - { name: switch, run: ${JSON.stringify(step)}, hold: 1s }
rollback: [{ name: rollback, run: 'echo "$WORD" >undone', hold: 1s }]
rehearsal: none
thresholds:
  http_req_failed: ["rate==0"]
`;

/** The run kills itself from inside its step, as the system does when memory is short. */
const KILL_THE_RUN = 'kill -9 "$(tr -dc "0-9,:" <"$ZDD_RUN/run.pid.json" | cut -d, -f1 | tr -d :)"; sleep 60';

describe('the action around a real run', { timeout: 180_000 }, () => {
  it('ends as the run does, with its summary on the page and its threshold at its line', async () => {
    const { folder, inputs } = await prepared('touch broken');
    const ran = await runAction({ folder, inputs });
    const results = JSON.parse(await readFile(join(ran.outputs['run-dir'] as string, 'run.json'), 'utf8'));
    expect(ran.failed).toBe(true);
    const run = ran.steps.find(({ name }) => name === 'Release under traffic');
    expect(run?.exitCode).toBe(99);
    expect(results.exitCode).toBe(99);
    expect(ran.outputs).toMatchObject({ verdict: 'downtime', release: 'completed', gate: 'fail', 'exit-code': '99' });
    expect(ran.summary).toContain('### Thresholds');
    expect(run?.stderr).toMatch(/^::error file=[^,]*zdd\.yaml,line=13,title=zdd-verify%3A http_req_failed rate==0::/m);
    expect(existsSync(join(folder, 'checkout/web/undone'))).toBe(false);
  });

  it('undoes a release whose run was killed half way, and has the report of it', async () => {
    const { folder, inputs } = await prepared(KILL_THE_RUN);
    const ran = await runAction({ folder, inputs });
    expect(await readFile(join(folder, 'checkout/web/undone'), 'utf8')).toBe('back again\n');
    expect(ran.outputs).toMatchObject({ verdict: 'inconclusive', 'exit-code': '' });
    expect(ran.failed).toBe(true);
    expect(ran.steps.find(({ name }) => name.startsWith('Undo'))?.exitCode).toBe(0);
    for (const file of ['report.html', 'junit.xml', 'summary.md']) {
      expect(existsSync(join(ran.outputs['run-dir'] as string, file)), file).toBe(true);
    }
    expect(ran.summary).toContain('The run was cut');
    expect(ran.steps.find(({ name }) => name === 'Read the results')?.stdout).toContain('left half way');
  });
});
