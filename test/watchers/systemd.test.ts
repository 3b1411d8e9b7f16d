import { describe, expect, it } from 'vitest';
import { entryIn } from '../../src/watchers/journal.js';
import { parseUnits } from '../../src/watchers/systemd.js';
import { type Watched, watching } from './drive.ts';
import { startSystemd, whyNoSystemd } from './systemd-machine.ts';

const missing = whyNoSystemd();
if (missing !== null) console.log(`skipped: ${missing}`);

const states = (watched: Watched, subject: string) =>
  watched.all('state').flatMap((each) => (each.subject === subject ? [each.value] : []));

const APP = `[Service]
ExecStart=/bin/sh -c 'echo ERROR of before; while :; do sleep 1; done'
ExecReload=/bin/sh -c 'echo ERROR in reload'
Restart=always
RestartSec=50ms
`;
const ERROR = { name: 'error', source: 'ERROR', flags: '', isRequestError: false };

describe.runIf(missing === null)('a systemd of its own', () => {
  it('tells of its units, their main process and restarts, and of lines in their journal', async () => {
    const machine = await startSystemd({ 'app.service': APP, 'other.service': APP });
    const on = { name: 'machine', shell: machine.shell };
    const units = watching('systemd', { units: ['app', 'no-such.service'] }, on);
    const lines = watching('journal', { units: ['app.service'], patterns: [ERROR] }, on);
    await Promise.all([units.sees(), lines.sees()]);
    expect(states(units, 'app')).toEqual(['active/running']);
    expect(states(units, 'no-such.service')).toEqual([null]);

    machine.run('systemctl', 'reload', 'app.service', 'other.service');
    await lines.until('a line', () => lines.all('line').length > 0);
    expect(lines.all('line').map(({ text }) => text)).toEqual(['ERROR in reload']);

    const [before] = states(units, 'app main process');
    machine.run('systemctl', 'kill', '--signal=KILL', 'app.service');
    await units.until('started again', () => units.all('incident').length === 1);
    expect(units.all('incident')[0]).toMatchObject({ subject: 'app', detail: expect.stringContaining('result: ') });
    expect(states(units, 'app main process').at(-1)).not.toBe(before);

    machine.run('systemctl', 'stop', 'app.service');
    await units.until('stopped', () => states(units, 'app').at(-1) === 'inactive/dead');
    expect(states(units, 'app main process').at(-1)).toBeNull();
    await Promise.all([units.stop(), lines.stop()]);
    expect([...units.all('blind'), ...lines.all('blind')]).toEqual([]);
  }, 60_000);
});

it('where there is no systemd, that is said', async () => {
  const on = { name: 'none', shell: ['env', 'PATH=/no/such', '/bin/sh'] };
  for (const watched of [
    watching('systemd', { units: ['app'] }, on),
    watching('journal', { units: ['app'], patterns: [] }, on),
  ]) {
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(watched.all('blind')[0]?.detail).toMatch(/not found/);
  }
});

it('units and entries are read as they are written', () => {
  expect(parseUnits('Id=a.service\nNames=a.service b.service\nResult=exit-code\n\nId=c.service\nMainPID=7\n')).toEqual([
    { Id: 'a.service', Names: 'a.service b.service', Result: 'exit-code' },
    { Id: 'c.service', MainPID: '7' },
  ]);
  expect(parseUnits('System has not been booted with systemd as init system (PID 1).')).toEqual([]);
  expect(entryIn('{"__CURSOR":"s=1","MESSAGE":"hello"}')).toEqual({ cursor: 's=1', message: 'hello' });
  expect(entryIn('{"__CURSOR":"s=2","MESSAGE":[104,255,105]}')).toEqual({ cursor: 's=2', message: 'h\ufffdi' });
  expect(entryIn('{"__CURSOR":"s=3","MESSAGE":null}')).toEqual({ cursor: 's=3', message: '' });
  expect(entryIn('{"MESSAGE":"cut')).toEqual({ cursor: null, message: '{"MESSAGE":"cut' });
});
