import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { wholeProgram } from '../../src/cli/program.js';

let program: Command;
beforeAll(async () => {
  program = await wholeProgram();
}, 60_000);

describe('the help of every command', () => {
  it('has examples that call that command, with options it has', () => {
    const faults: string[] = [];
    for (const { path, command } of commandsIn(program, 'zdd-verify')) {
      const examples = examplesIn(helpOf(command), path);
      if (examples.length === 0) faults.push(`${path}: no example`);
      const known = ['--help', '-h', ...command.options.flatMap(({ long, short }) => [long, short])];
      for (const option of examples.flatMap((example) => optionsIn(example.slice(path.length)))) {
        if (command.commands.length === 0 && !known.includes(option)) faults.push(`${path}: example with ${option}`);
      }
    }
    expect(faults).toEqual([]);
  });

  it('leaves out what is not supported', () => {
    for (const { path, command } of commandsIn(program, 'zdd-verify')) {
      expect([path, helpOf(command)]).toEqual([path, expect.not.stringContaining('not yet supported')]);
    }
  });

  it('says what each argument and option is', () => {
    for (const { path, command } of commandsIn(program, 'zdd-verify')) {
      expect([path, command.description()]).toEqual([path, expect.stringMatching(/\S/)]);
      for (const each of [...command.options, ...command.registeredArguments]) {
        expect([path, each.description]).toEqual([path, expect.stringMatching(/\S/)]);
      }
    }
  });
});

function commandsIn(command: Command, path: string): { path: string; command: Command }[] {
  const below = command.commands.filter((child) => !isHidden(command, child));
  return [{ path, command }, ...below.flatMap((child) => commandsIn(child, `${path} ${child.name()}`))];
}

function isHidden(parent: Command, child: Command): boolean {
  return !parent.createHelp().visibleCommands(parent).includes(child);
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (chunk) => {
      text += chunk;
    },
  });
  command.outputHelp();
  return text;
}

/** The command lines below `Example:` or `Examples:`. */
function examplesIn(help: string, path: string): string[] {
  const [, examples = ''] = /^Examples?\b[^\n]*:\n([\s\S]*)/m.exec(help) ?? [];
  return examples.split('\n').flatMap((line) => {
    const at = line.search(new RegExp(`(?:^|[\\s"(|&])${path}(?= |$)`));
    return at === -1
      ? []
      : [
          line
            .slice(line.indexOf(path, at))
            .split(/\s{3,}|[|;>)]| && /)[0]
            ?.trim() ?? '',
        ];
  });
}

function optionsIn(words: string): string[] {
  return (words.split(' -- ')[0] as string)
    .split(/\s+/)
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.split('=')[0] as string);
}
