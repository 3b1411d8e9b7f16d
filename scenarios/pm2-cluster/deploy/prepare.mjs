// Before the release: a database with rows in it, and v1 serving. Run again after a half-done start, it goes on.
import './fail-plainly.mjs';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { current, here, releaseDir, root } from './layout.mjs';
import { startCluster } from './pm2.mjs';
import { connect, startPostgres } from './postgres.mjs';
import { buildRelease, pointTo } from './release.mjs';
import { healthy } from './smoke.mjs';

process.umask(0o022);
mkdirSync(root, { recursive: true });

await startPostgres();
const client = await connect('prepare');
const { rows } = await client.query("SELECT to_regclass('items') IS NOT NULL AS present");
if (!rows[0].present) await client.query(readFileSync(path.join(here, 'db', 'schema.sql'), 'utf8'));
await client.end();
console.log('database ready');

if (!existsSync(releaseDir('v1'))) buildRelease('v1');
if (!existsSync(current)) pointTo('v1');
startCluster();
await healthy(20_000);
console.log('v1 serves');
