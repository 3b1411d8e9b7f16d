import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function calibrate(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [MAIN, 'calibrate', ...args, '--json']);
}

it('measures the rate this machine holds with the engine of a run', async () => {
  // A machine that is busy does not hold even this rate: then it must say so, and end with 98.
  const result = await calibrate('--for', '1s', '--max-rate', '100/s').catch((thrown) => thrown);
  const { heldPerSec, atLimit, noiseFloorMs, trials } = JSON.parse(result.stdout);
  const last = trials.at(-1);
  expect({ code: result.code ?? 0, heldPerSec, atLimit, held: last.held, floor: noiseFloorMs > 0 }).toEqual(
    last.why === ''
      ? { code: 0, heldPerSec: 100, atLimit: true, held: true, floor: true }
      : { code: 98, heldPerSec: 0, atLimit: false, held: false, floor: false },
  );
  expect(last).toMatchObject({ ratePerSec: 100, failed: 0 });
  expect(last.requests + last.unsent).toBeGreaterThanOrEqual(99);
  expect(result.stderr).toContain('100/s  lateness p99');
});

it('measures what a target takes in a closed loop', async () => {
  let served = 0;
  const server = createServer((_, response) => {
    served += 1;
    response.writeHead(served % 10 === 0 ? 503 : 200).end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { stdout } = await calibrate(url, '--for', '1s', '--connections', '4');
    const { requests, non2xx, requestsPerSec, connections } = JSON.parse(stdout);
    expect({ connections, few: requests < 50 }).toEqual({ connections: 4, few: false });
    expect(requestsPerSec).toBeGreaterThan(0);
    expect(served - requests).toBeLessThanOrEqual(4);
    expect(Math.abs(non2xx - requests / 10)).toBeLessThanOrEqual(2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('ends with 94 where the target does not answer', async () => {
  const error = await calibrate('http://127.0.0.1:1/', '--for', '1s').catch((thrown) => thrown);
  expect(error.code).toBe(94);
  expect(error.stderr).toContain('answered no request');
});
