import { expect, it } from 'vitest';
import { livePageOf } from '../../src/cli/live-page/options.js';

it('takes any free port unless one is named', () => {
  expect(livePageOf({})).toBeUndefined();
  expect(livePageOf({ ui: true })).toMatchObject({ port: 0 });
  expect(livePageOf({ ui: true, uiPort: '8090' })).toMatchObject({ port: 8090 });
});

it.each(['70000', '-1', 'abc', '80.5'])('refuses the port %s', (uiPort) => {
  expect(() => livePageOf({ ui: true, uiPort })).toThrow(/--ui-port takes a port from 1 to 65535/);
});

it('refuses a port without the page', () => {
  expect(() => livePageOf({ uiPort: '8090' })).toThrow('--ui-port goes with --ui');
});
