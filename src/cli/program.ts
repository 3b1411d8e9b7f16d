import { Command, CommanderError } from 'commander';
import { ZddError } from '../model/errors.js';
import { EXIT } from '../model/exit-codes.js';
import { exitCodeOf, explainFailure } from './failure.js';
import { toolVersion } from './package-info.js';
import { type Style, styleOf } from './terminal/style.js';

/** A command, loaded only when it is the one asked for: `--help` and `--version` stay quick. */
interface Entry {
  name: string;
  summary: string;
  load: () => Promise<Command>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: 'run',
    summary: 'drive traffic while the release runs, and judge it',
    load: async () => {
      await loadInTurn();
      return (await import('./run.js')).runCommand();
    },
  },
  {
    name: 'start',
    summary: 'drive traffic around a release of separate commands, until `stop`',
    load: async () => {
      await loadInTurn();
      return (await import('./start.js')).startCommand();
    },
  },
  {
    name: 'mark',
    summary: 'begin a phase, inside a script that `run` wraps or after `start`',
    load: async () => (await import('./mark.js')).markCommand(),
  },
  {
    name: 'stop',
    summary: 'end what `start` began: judge, report, exit code',
    load: async () => (await import('./stop.js')).stopCommand(),
  },
  {
    name: 'validate',
    summary: 'check a scenario without running it',
    load: async () => (await import('./validate.js')).validateCommand(),
  },
  {
    name: 'report',
    summary: 'write every output again from a recorded run',
    load: async () => (await import('./report.js')).reportCommand(),
  },
  {
    name: 'export',
    summary: 'every request of a recorded run as CSV or ndjson',
    load: async () => (await import('./export.js')).exportCommand(),
  },
  {
    name: 'gate',
    summary: 'judge a recorded run again, without traffic',
    load: async () => (await import('./gate.js')).gateCommand(),
  },
  {
    name: 'merge',
    summary: 'join the shards of a run that several machines drove',
    load: async () => (await import('./merge.js')).mergeCommand(),
  },
  {
    name: 'compare',
    summary: 'hold a recorded run against earlier ones',
    load: async () => (await import('./compare.js')).compareCommand(),
  },
  {
    name: 'calibrate',
    summary: 'the rate this machine can hold, or what a target can take',
    load: async () => (await import('./calibrate.js')).calibrateCommand(),
  },
  {
    name: 'migrations',
    summary: 'what a schema change does to users, from its SQL or on a shadow database',
    load: async () => (await import('./migrations.js')).migrationsCommand(),
  },
  {
    name: 'doctor',
    summary: 'what on this machine would disturb a run, and the fix',
    load: async () => (await import('./doctor.js')).doctorCommand(),
  },
  {
    name: 'scenarios',
    summary: 'list the scenarios that come with zdd-verify',
    load: async () => (await import('./scenarios.js')).scenariosCommand(),
  },
  {
    name: 'demo',
    summary: 'a real zero-downtime release on this machine, good or broken',
    load: async () => (await import('./demo.js')).demoCommand(),
  },
  {
    name: 'init',
    summary: 'look into this folder and write a scenario, and a CI job',
    load: async () => (await import('./init.js')).initCommand(),
  },
  {
    name: 'haproxy',
    summary: "servers out of HAProxy's rotation and back, for deploy scripts",
    load: async () => (await import('./haproxy.js')).haproxyCommand(),
  },
  {
    name: 'schema',
    summary: 'print the JSON Schema of a scenario',
    load: async () => (await import('./schema.js')).schemaCommand(),
  },
  {
    name: 'explain',
    summary: 'what an exit code, an error or an outcome means',
    load: async () => (await import('./explain.js')).explainCommand(),
  },
  {
    name: 'completion',
    summary: 'a completion script for bash, zsh or fish',
    load: async () => (await import('./completion.js')).completionCommand(wholeProgram),
  },
];

/**
 * The parts of a run, one after the other: Node opens every file of a graph of modules at once, and where few may be
 * open a run would end before it could say so.
 */
async function loadInTurn(): Promise<void> {
  await import('../scenario/schema.js');
  await import('../record/recorder.js');
  await import('../engine/traffic.js');
  await import('../probes/start.js');
  await import('../watchers/start.js');
  await import('../judge/judge.js');
  await import('../report/registry.js');
  await import('../scenario/load.js');
  await import('../conductor/conduct.js');
}

/** Runs the command line and sets `process.exitCode`; never rejects. Results go to stdout, all else to stderr. */
export async function main(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreLostReader);
  try {
    const program = await createProgram(argv);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end this way too, with 0. Everything else of commander's is a wrong command line.
      process.exitCode = error.exitCode === 0 ? EXIT.PASS : EXIT.USAGE;
      return;
    }
    const debug = process.env.ZDD_DEBUG === '1';
    process.stderr.write(explainFailure(error, { style: styleOf(process.stderr, process.env), debug }));
    process.exitCode = exitCodeOf(error);
  }
}

/** The program with every command in full. */
export function wholeProgram(): Promise<Command> {
  return programWith(() => true);
}

/** The program with the command that `argv` asks for in full, and the others as names for help and suggestions. */
export function createProgram(argv: readonly string[]): Promise<Command> {
  const asked = askedFor(argv);
  return programWith((name) => name === asked);
}

async function programWith(isWanted: (name: string) => boolean): Promise<Command> {
  const style = styleOf(process.stderr, process.env);
  const program = new Command('zdd-verify')
    .description(
      'Drives constant-rate traffic at an app while its release runs, and proves or disproves zero downtime.',
    )
    .version(toolVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(asUsageError(text, style)) })
    .addHelpText('after', HELP_AFTER);
  for (const { name, summary, load } of COMMANDS) {
    const command = isWanted(name) ? await load() : new Command(name);
    adopt(program, command);
    program.addCommand(command.summary(summary));
  }
  return program;
}

const HELP_AFTER = `
Examples:
  $ zdd-verify demo                                        see it work, with npm alone
  $ zdd-verify init                                        a scenario from what this folder shows
  $ zdd-verify run deploy/zdd.yaml                         a scenario: traffic beside the release
  $ zdd-verify run --url http://127.0.0.1:8080 -- ./deploy.sh
                                                           wrap a deploy script that exists
  $ zdd-verify report reports/<run-id> --html              the report again, from the record
  $ zdd-verify explain 98                                  what an exit code means

Results go to stdout, everything else to stderr. \`zdd-verify help COMMAND\` has the options of each command.`;

/** The command's name in `argv`, also behind `help`; the program itself has no options that take a value. */
function askedFor(argv: readonly string[]): string | undefined {
  const words = argv.filter((word) => !word.startsWith('-'));
  return words[0] === 'help' ? words[1] : words[0];
}

/** `addCommand` leaves the parent's settings behind (how errors are written, that they are thrown). */
function adopt(parent: Command, command: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) adopt(command, child);
  return command;
}

/** Commander's `error: ...` in the shape of every other error of this command. */
function asUsageError(text: string, style: Style): string {
  if (!text.startsWith('error: ')) return text;
  const [message, ...suggestion] = text.slice('error: '.length).trimEnd().split('\n');
  const hint = suggestion.join(' ').replace(/^\(|\)$/g, '') || '`zdd-verify --help` lists commands and options.';
  return explainFailure(new ZddError('USAGE', message as string, { hint }), { style, debug: false });
}

/** A reader that went away (`| head`, a terminal that was closed) is no reason to leave a release half done. */
function ignoreLostReader(): void {}
