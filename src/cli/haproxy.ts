import { Command } from 'commander';
import { ZddError } from '../model/errors.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import { parseDuration } from '../model/units.js';
import { clockSince, monotonicNs } from '../platform/clock.js';
import {
  askHaproxy,
  type HaproxyAddress,
  type HaproxyServer,
  haproxyAddress,
  haproxyServers,
} from '../platform/haproxy.js';
import { drain, maint, ready, type ServerAction, serverNamed, serversOf, stateOf, weight } from './haproxy-servers.js';
import { plainText } from './terminal/text.js';

interface HaproxyOptions {
  socket: string;
  within: string;
  anyway?: true;
  json?: true;
}

/** Commands of our own; anything else is one of HAProxy's. */
const USES: Readonly<Record<string, string>> = {
  show: 'show [BACKEND]',
  state: 'state BACKEND/SERVER',
  drain: 'drain BACKEND/SERVER [--within 30s]',
  maint: 'maint BACKEND/SERVER',
  ready: 'ready BACKEND/SERVER [--within 30s]',
  weight: 'weight BACKEND/SERVER 10%|N',
};

/** `zdd-verify haproxy`: HAProxy's runtime API for deploy scripts, without socat. */
export function haproxyCommand(): Command {
  return new Command('haproxy')
    .description(
      "Speaks HAProxy's runtime API: servers out of rotation, back into it, and their weights. No socat needed.",
    )
    .argument('<words...>', "a command, see below; one of HAProxy's own in quotes behind `--`")
    .requiredOption('--socket <place>', '`stats socket` of the configuration, with `level admin`: a path, or HOST:PORT')
    .option('--within <time>', 'how long drain and ready wait', '30s')
    .option('--anyway', 'drain and maint: also the last server of a backend that takes traffic')
    .option('--json', 'show: as JSON, [{ backend, name, state, status, weight, sessions, queued, check, address }]')
    .addHelpText('after', HELP_AFTER)
    .action(async (words: string[], options: HaproxyOptions) => {
      process.exitCode = await perform(words, options);
    });
}

const HELP_AFTER = `
Commands:
  show [BACKEND]             its servers: state, weight, requests under way, health check
  state BACKEND/SERVER       one word on stdout: up, down, drain or maint
  drain BACKEND/SERVER       no new request; waits until none is under way (and none waits for this server)
  maint BACKEND/SERVER       no new request, no health check; what is under way goes on
  ready BACKEND/SERVER       into rotation once its health check has passed; waits until it is up
  weight BACKEND/SERVER N    0 to 256, or a share of the configured weight: 10%
  COMMAND then COMMAND       one after the other, as long as each does what it should
  -- "COMMAND"               any command of HAProxy's own; its answer on stdout

Exit codes: 0 done; 2 wrong command line, no such server, no connection or refused; 96 not up in time (ready);
97 not empty in time (drain).

Examples:
  $ zdd-verify haproxy --socket /run/haproxy/admin.sock drain app/web1 --within 30s
  $ ./restart.sh web1 && zdd-verify haproxy --socket /run/haproxy/admin.sock ready app/web1
  $ zdd-verify haproxy --socket 127.0.0.1:9999 -- "show info"`;

async function perform(words: string[], options: HaproxyOptions): Promise<ExitCode> {
  const address = haproxyAddress(options.socket);
  if (address === null) {
    throw new ZddError('USAGE', `\`${options.socket}\` is no place of a socket`, { hint: 'a path, or HOST:PORT' });
  }
  const chain = commandsIn(words);
  if (chain.length > 1) return performAll(address, chain, options);
  return performOne(address, words, options);
}

/** `ready app/a then drain app/b`: one after the other in one process, as long as each does what it should. */
async function performAll(address: HaproxyAddress, chain: string[][], options: HaproxyOptions): Promise<ExitCode> {
  for (const words of chain) {
    if (!Object.hasOwn(USES, words[0] ?? '')) {
      throw new ZddError('USAGE', `expected a command before and after \`then\`, got \`${words.join(' ')}\``, {
        hint: `commands are ${Object.values(USES).join('; ')}`,
      });
    }
  }
  for (const words of chain) {
    const code = await performOne(address, words, options);
    if (code !== EXIT.PASS) return code;
  }
  return EXIT.PASS;
}

function commandsIn(words: readonly string[]): string[][] {
  const chain: string[][] = [[]];
  for (const word of words) {
    if (word === 'then') chain.push([]);
    else chain.at(-1)?.push(word);
  }
  return chain;
}

async function performOne(address: HaproxyAddress, words: string[], options: HaproxyOptions): Promise<ExitCode> {
  const [name = '', server, value] = words;
  if (!Object.hasOwn(USES, name)) {
    process.stdout.write(`${await askHaproxy(address, words.join(' '))}\n`);
    return EXIT.PASS;
  }
  const counts = { show: [1, 2], weight: [3, 3] }[name] ?? [2, 2];
  if (words.length < (counts[0] as number) || words.length > (counts[1] as number)) {
    throw new ZddError('USAGE', `expected \`${USES[name]}\`, got \`${words.join(' ')}\``, {
      hint: "a command of HAProxy's own stands in quotes behind `--`",
    });
  }
  if (name === 'show') return show(await haproxyServers(address), server, options.json === true);
  return act(name, actionOn(address, server as string, options.within), options.anyway === true, value ?? '');
}

async function act(name: string, action: ServerAction, anyway: boolean, value: string): Promise<ExitCode> {
  switch (name) {
    case 'state':
      process.stdout.write(`${stateOf(serverNamed(await haproxyServers(action.address), action.server))}\n`);
      return EXIT.PASS;
    case 'drain':
      return (await drain(action, anyway)) ? EXIT.PASS : EXIT.STEP_FAILED;
    case 'maint':
      await maint(action, anyway);
      return EXIT.PASS;
    case 'ready':
      return (await ready(action)) ? EXIT.PASS : EXIT.NOT_READY;
    default:
      await weight(action, value);
      return EXIT.PASS;
  }
}

function actionOn(address: HaproxyAddress, server: string, within: string): ServerAction {
  const withinMs = parseDuration(within);
  if (withinMs === null) throw new ZddError('USAGE', `--within takes a duration such as 30s, not \`${within}\``);
  if (!/^[^\s;/]+\/[^\s;/]+$/.test(server)) {
    throw new ZddError('USAGE', `expected BACKEND/SERVER, got \`${server}\``);
  }
  const clock = clockSince(monotonicNs());
  const say = (line: string) => void process.stderr.write(`${plainText(line)}\n`);
  return { address, server, withinMs, deadline: clock.now() + withinMs, clock, say };
}

function show(all: readonly HaproxyServer[], backend: string | undefined, asJson: boolean): ExitCode {
  const servers = serversOf(all, backend);
  if (asJson) {
    const told = servers.map(({ fall: _, backup: __, ...server }) => ({ ...server, state: stateOf(server) }));
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    return EXIT.PASS;
  }
  const head = ['server', 'status', 'weight', 'sessions', 'waiting', 'check', 'address'];
  const rows = servers.map((each) => [
    `${each.backend}/${each.name}`,
    each.status,
    String(each.weight),
    String(each.sessions),
    String(each.queued),
    each.check,
    each.address,
  ]);
  const table = [head, ...rows].map((row) => row.map(plainText));
  const widths = head.map((_, column) => Math.max(...table.map((row) => (row[column] as string).length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.PASS;
}
