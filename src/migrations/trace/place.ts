import { randomBytes } from 'node:crypto';
import type { Client, ClientConfig } from 'pg';
import { messageOf, ZddError } from '../../model/errors.js';
import type { TraceServer } from './options.js';
import { rememberGreeting } from './relay.js';

/** A server on which databases for a trace are made. */
export interface Place {
  /** `15.13`. */
  version: string;
  major: number;
  /** May it make event triggers and see everything? */
  superuser: boolean;
  /** What the migration starts from; null for an empty one of our own. */
  staging: string | null;
  /** The migration works in the staging database itself. */
  inPlace: boolean;
  connect(database: string, settings?: ReadonlyMap<string, string>): Promise<Client>;
  /** A new database, as a copy of `template` or empty; its name. */
  create(template: string | null): Promise<string>;
  drop(database: string): Promise<void>;
  /** Drops what was made: databases, and roles that were not there before. */
  close(): Promise<void>;
}

const CONNECT_MS = 30_000;
const IN_USE = '55006';
const NOT_ALLOWED = '42501';
const GONE = '3D000';

export async function placeOf(server: TraceServer): Promise<Place> {
  if ('own' in server) {
    const { host, port, user } = server.own;
    return openPlace((database) => ({ host, port, user, database }), 'postgres', null, false);
  }
  const { database, inPlace } = server;
  const staging = databaseIn(database);
  return openPlace((name) => ({ connectionString: withDatabase(database, name) }), staging, staging, inPlace);
}

async function openPlace(
  configOf: (database: string) => ClientConfig,
  home: string,
  staging: string | null,
  inPlace: boolean,
): Promise<Place> {
  const connect: Place['connect'] = (database, settings) => open(configOf(database), settings);
  const admin = await connect(staging === null || inPlace ? home : await maintenance(connect, home));
  const { version, major, superuser } = await aboutServer(admin);
  const rolesBefore = new Set(staging === null ? await rolesOf(admin) : []);
  const made = new Set<string>();
  const drop = async (database: string): Promise<void> => {
    if (!made.delete(database)) return;
    await admin.query(`DROP DATABASE IF EXISTS ${quoted(database)}${major >= 13 ? ' WITH (FORCE)' : ''}`);
  };
  return {
    version,
    major,
    superuser,
    staging,
    inPlace,
    connect,
    create: async (template) => {
      const name = `zdd_verify_${randomBytes(6).toString('hex')}`;
      await copy(admin, name, template);
      made.add(name);
      return name;
    },
    drop,
    close: async () => {
      for (const database of [...made]) await drop(database).catch(() => {});
      if (staging === null) await dropRoles(admin, rolesBefore).catch(() => {});
      await admin.end().catch(() => {});
    },
  };
}

/** A database other than the one that is copied: a database in which somebody works cannot be a template. */
async function maintenance(connect: Place['connect'], staging: string): Promise<string> {
  for (const name of ['postgres', 'template1']) {
    if (name === staging) continue;
    try {
      await (await connect(name)).end();
      return name;
    } catch {
      // The next one, or what the staging database itself says.
    }
  }
  return staging;
}

async function open(config: ClientConfig, settings: ReadonlyMap<string, string> = new Map()): Promise<Client> {
  const { default: pg } = await import('pg');
  const options = optionsOf(settings);
  const client = new pg.Client({
    ...config,
    application_name: settings.get('application_name') ?? 'zdd-verify',
    connectionTimeoutMillis: CONNECT_MS,
    ...(options === '' ? {} : { options }),
  });
  // A connection that is lost between two questions; the next one says so.
  client.on('error', () => {});
  rememberGreeting(client);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    await client.end().catch(() => {});
    const { host, port, database } = client;
    throw new ZddError('USAGE', `no connection to ${database} at ${host}:${port}: ${messageOf(cause)}`, { cause });
  }
}

/** Settings of a session as the server takes them when it begins. */
function optionsOf(settings: ReadonlyMap<string, string>): string {
  const words = [...settings].flatMap(([name, value]) => {
    if (name === 'options') return [value];
    if (NOT_SETTINGS.has(name) || !/^[\w.]+$/.test(name)) return [];
    return [`-c ${name}=${value.replace(/[\\\s]/g, (char) => `\\${char}`)}`];
  });
  return words.join(' ');
}

const NOT_SETTINGS = new Set(['user', 'database', 'replication', 'application_name']);

async function aboutServer(admin: Client): Promise<{ version: string; major: number; superuser: boolean }> {
  const { rows } = await admin.query<{ version: string; number: number; superuser: boolean }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
      (select rolsuper from pg_roles where rolname = current_user) as superuser`,
  );
  const { version, number, superuser } = rows[0] as { version: string; number: number; superuser: boolean };
  return { version: version.split(' ')[0] as string, major: Math.floor(number / 10_000), superuser };
}

async function copy(admin: Client, name: string, template: string | null): Promise<void> {
  try {
    await admin.query(`CREATE DATABASE ${quoted(name)} TEMPLATE ${template === null ? 'template0' : quoted(template)}`);
  } catch (cause) {
    const { code } = cause as Error & { code?: string };
    const hints: Record<string, string> = {
      [NOT_ALLOWED]: `a copy needs a superuser, or a role with CREATEDB that owns ${template}; --in-place works in the database itself`,
      [IN_USE]: `a copy needs that nobody else is connected to ${template}: end those sessions, or use --in-place`,
      [GONE]: 'create it first, with the schema that the old release runs on',
    };
    const why = `the database ${template ?? ''} cannot be copied for the trace: ${messageOf(cause)}`;
    throw new ZddError('USAGE', why, { hint: hints[code ?? ''] ?? '--in-place works in the database itself', cause });
  }
}

async function rolesOf(admin: Client): Promise<string[]> {
  return (await admin.query<{ name: string }>('select rolname as name from pg_roles')).rows.map(({ name }) => name);
}

/** Roles belong to the whole server; those that a trace made would be in the way of the next one. */
async function dropRoles(admin: Client, before: ReadonlySet<string>): Promise<void> {
  const made = (await rolesOf(admin)).filter((name) => !before.has(name));
  for (const name of made) await admin.query(`DROP OWNED BY ${quoted(name)}`).catch(() => {});
  for (const name of made) await admin.query(`DROP ROLE IF EXISTS ${quoted(name)}`).catch(() => {});
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Before the name of the database, the name, and what follows: the system's own reader wants a host, which a socket has not. */
const URL_PARTS = /^(postgres(?:ql)?:\/\/[^/?#]*)(?:\/([^?#]*))?(\?[^#]*)?$/;

function databaseIn(url: string): string {
  const name = decodeURIComponent(partsOf(url)[2] ?? '');
  if (name !== '') return name;
  throw new ZddError('USAGE', 'the URL of --database names no database', {
    hint: 'postgresql://user@host:5432/NAME',
  });
}

function withDatabase(url: string, name: string): string {
  const [, before = '', , after = ''] = partsOf(url);
  return `${before}/${encodeURIComponent(name)}${after}`;
}

function partsOf(url: string): RegExpExecArray {
  const parts = URL_PARTS.exec(url);
  // The URL is not repeated: it may hold a password.
  if (parts === null) throw new ZddError('USAGE', '--database takes a URL such as postgresql://user@host:5432/name');
  return parts;
}
