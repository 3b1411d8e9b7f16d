import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exampleCase } from './example.ts';
import { installedSystems, missingFor, systemsOf } from './systems.ts';

const INSTALLER = fileURLToPath(new URL('../../scripts/install-systems', import.meta.url));
const systems = systemsOf(
  'nginx       here     nginx-light\nhaproxy     missing  haproxy\nredis       missing  redis-server\n',
);

describe('what a case lacks', () => {
  it('is nothing where its systems are here', () => {
    expect(missingFor(exampleCase({ needs: ['nginx'] }), systems, false)).toBeNull();
  });

  it('is named with the command that gets it', () => {
    expect(missingFor(exampleCase({ needs: ['nginx', 'haproxy', 'redis'] }), systems, true)).toEqual({
      what: 'haproxy, redis',
      remedy: 'scripts/install-systems --only haproxy,redis',
    });
  });

  it('is root where only root can run it', () => {
    expect(missingFor(exampleCase({ root: true }), systems, false)).toEqual({
      what: 'root',
      remedy: 'run the corpus as root',
    });
    expect(missingFor(exampleCase({ root: true }), systems, true)).toBeNull();
  });
});

describe('a case of a system that packages alone do not bring', () => {
  const label = exampleCase({ needs: ['nginx'], optIn: { variable: 'ZDD_CLUSTER', remedy: 'scripts/cluster start' } });

  it('is missing until the variable is 1, with what brings the system', () => {
    const missing = { what: 'ZDD_CLUSTER=1', remedy: 'scripts/cluster start' };
    expect(missingFor(label, systems, true, {})).toEqual(missing);
    expect(missingFor(label, systems, true, { ZDD_CLUSTER: '0' })).toEqual(missing);
    expect(missingFor(label, systems, true, { ZDD_CLUSTER: '1' })).toBeNull();
  });

  it('needs its packages beside it', () => {
    const more = { ...label, needs: ['haproxy'] };
    expect(missingFor(more, systems, true, { ZDD_CLUSTER: '1' })?.what).toBe('haproxy');
  });
});

describe('the installer', () => {
  it('says of each system whether it is here', () => {
    const found = installedSystems(INSTALLER, ['nginx', 'tools']);
    expect([...found.keys()]).toEqual(['nginx', 'tools']);
    expect(found.get('nginx')).toMatch(/^(here|missing)$/);
    expect(installedSystems(INSTALLER, []).size).toBe(0);
  });

  it('is asked for nothing that it does not know', () => {
    expect(() => installedSystems(INSTALLER, ['nginx', 'nginy'])).toThrow(/no system called nginy; there are: nginx, /);
  });

  it('refuses what it does not know', () => {
    for (const args of [['--only', 'nginx,nginy'], ['--unknown'], ['--only']]) {
      expect(spawnSync(INSTALLER, args).status, args.join(' ')).not.toBe(0);
    }
  });
});
