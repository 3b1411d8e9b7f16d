import { readFileSync } from 'node:fs';
import { MOST_SHARDS } from '../conductor/shards/protocol.js';
import { messageOf, ZddError } from '../model/errors.js';
import { parseDuration } from '../model/units.js';

/** What the command line says of shards. */
export interface ShardFlags {
  shard?: string;
  listen?: string;
  conductor?: string;
  tokenFile?: string;
  joinWithin?: string;
}

/** The part of a run that this process is to play. */
export type ShardRole = { number: number; of: number; host: string; port: number; token: string; joinWithinMs: number };

const JOIN_WITHIN = '2m';
const LEAST_TOKEN = 16;
const FLAGS = { listen: '--listen', conductor: '--conductor', tokenFile: '--token-file', joinWithin: '--join-within' };

/** The shard that is meant; null where the run is not shared. Throws USAGE. */
export function shardRole(flags: ShardFlags, env: NodeJS.ProcessEnv): ShardRole | null {
  const { shard, listen, conductor } = flags;
  if (shard === undefined) {
    const stray = Object.entries(FLAGS).find(([key]) => flags[key as keyof typeof FLAGS] !== undefined);
    if (stray !== undefined) throw new ZddError('USAGE', `${stray[1]} goes with --shard i/n`);
    return null;
  }
  const [, number = 0, of = 0] = (/^(\d{1,3})\/(\d{1,3})$/.exec(shard) ?? []).map(Number);
  if (of < 2 || of > MOST_SHARDS || number < 1 || number > of) {
    throw new ZddError('USAGE', `--shard takes a number and how many there are, such as 2/4, not \`${shard}\``, {
      hint: `from 2 to ${MOST_SHARDS} shards; shard 1 conducts the release`,
    });
  }
  const isLead = number === 1;
  const [flag, place, other] = isLead
    ? (['--listen', listen, conductor] as const)
    : (['--conductor', conductor, listen] as const);
  if (place === undefined || other !== undefined) {
    const what = isLead ? 'shard 1 conducts: it needs --listen HOST:PORT' : 'it needs --conductor HOST:PORT';
    throw new ZddError('USAGE', `--shard ${shard}: ${what}${other === undefined ? '' : ', and nothing else'}`);
  }
  const joinWithinMs = parseDuration(flags.joinWithin ?? JOIN_WITHIN);
  if (joinWithinMs === null) throw new ZddError('USAGE', `--join-within takes a duration such as ${JOIN_WITHIN}`);
  return { number, of, ...hostAndPort(flag, place), token: tokenOf(flags.tokenFile, env), joinWithinMs };
}

function hostAndPort(flag: string, place: string): { host: string; port: number } {
  const [, ipv6, name, port] = /^(?:\[([0-9a-fA-F:]+)\]|([^:/\s]+)):(\d{1,5})$/.exec(place) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535)
    throw new ZddError('USAGE', `${flag} takes HOST:PORT, not \`${place}\``);
  return { host, port: Number(port) };
}

/** Shared by the shards of a run: who has it may take part in its traffic. */
function tokenOf(file: string | undefined, env: NodeJS.ProcessEnv): string {
  const hint = 'for example: openssl rand -hex 16 > token, and --token-file token for every shard';
  let token = env.ZDD_SHARD_TOKEN ?? '';
  if (file !== undefined) {
    try {
      token = readFileSync(file, 'utf8');
    } catch (cause) {
      throw new ZddError('USAGE', `the token cannot be read: ${messageOf(cause)}`, { hint, cause });
    }
  }
  token = token.trim();
  if (token === '') throw new ZddError('USAGE', 'shards need a token: --token-file FILE or ZDD_SHARD_TOKEN', { hint });
  if (token.length < LEAST_TOKEN || !/^[\x21-\x7e]+$/.test(token)) {
    const what = `the token has to be ${LEAST_TOKEN} or more printable characters without spaces`;
    throw new ZddError('USAGE', what, { hint });
  }
  return token;
}
