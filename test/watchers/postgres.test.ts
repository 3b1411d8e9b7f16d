import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Watched, watching } from './drive.ts';
import { postgresPrograms, startPostgres } from './postgres-server.ts';

const programs = postgresPrograms();

const values = (watched: Watched, subject: string) =>
  watched.all('value').flatMap((each) => (each.subject === subject ? [each.value] : []));

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  onTestFinished(() => client.end().catch(() => {}));
  await client.connect();
  return client;
}

describe.runIf(programs !== null)('a watched PostgreSQL', () => {
  it('shows the connections in use, and each restart', async () => {
    const server = startPostgres(programs as string);
    const watched = watching('postgres', { url: server.url });
    await watched.until('its own', () => values(watched, 'connections').at(-1) === 1);
    expect(values(watched, 'max_connections').at(-1)).toBe(5);
    await connected(server.url);
    await connected(server.url);
    await watched.until('three', () => values(watched, 'connections').at(-1) === 3);
    server.restart();
    await watched.until('the restart', () => watched.all('incident').length === 1);
    expect(watched.all('incident')[0]).toMatchObject({ subject: 'server' });
    expect(watched.all('blind')).toHaveLength(1);
    expect(watched.all('sees')).toHaveLength(2);
  });

  it('says when it takes no more connections', async () => {
    const server = startPostgres(programs as string);
    for (let n = 0; n < 5; n += 1) await connected(server.url);
    const watched = watching('postgres', { url: server.url });
    await watched.until('refused', () => watched.all('blind').length === 1);
    expect(watched.all('incident')).toMatchObject([{ subject: 'connections' }]);
  });

  it('is not seen where there is none, and no message holds the password', async () => {
    const server = startPostgres(programs as string);
    server.stop();
    const watched = watching('postgres', { url: server.url.replace('postgres@', 'postgres:hunter22@') });
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(JSON.stringify(watched.events)).not.toContain('hunter22');
  });
});
