import type { Argument, Command, Option } from 'commander';

/** What may stand in a place of the command line: one of some words, or a kind of file. */
export type Value = { words: readonly string[] } | 'scenario' | 'run' | 'folder' | 'file' | 'text';

export interface CompletedOption {
  /** `-h` and `--help`, as they are typed. */
  names: readonly string[];
  about: string;
  /** Null for one that takes no value. */
  value: Value | null;
  repeats: boolean;
}

/** A command with its own, as completion needs them. */
export interface CompletedCommand {
  /** From the program on: `migrations check`; empty for the program itself. */
  path: string;
  name: string;
  about: string;
  commands: CompletedCommand[];
  options: CompletedOption[];
  arguments: { name: string; value: Value; repeats: boolean }[];
}

/** The command tree as commander has it, without what its help hides. */
export function treeOf(command: Command, path = ''): CompletedCommand {
  const help = command.createHelp();
  const children = help.visibleCommands(command);
  return {
    path,
    name: command.name(),
    about: firstLine(command.summary() || command.description()),
    commands: children.map((child) => {
      const below = treeOf(child, `${path} ${child.name()}`.trim());
      return child.name() === 'help' ? { ...below, arguments: [helpedCommand(children)] } : below;
    }),
    options: help.visibleOptions(command).map(optionOf),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: argumentValue(argument),
      repeats: argument.variadic,
    })),
  };
}

/** What `help` is asked about: its neighbours. */
function helpedCommand(all: readonly Command[]): CompletedCommand['arguments'][number] {
  return { name: 'command', value: { words: all.map((each) => each.name()) }, repeats: false };
}

/** The tree, flat, each before those below it. */
export function allOf(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.commands.flatMap(allOf)];
}

function optionOf(option: Option): CompletedOption {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  const takesValue = option.required || option.optional;
  return {
    names,
    about: firstLine(option.description),
    value: takesValue ? optionValue(option) : null,
    repeats: option.variadic || Array.isArray(option.defaultValue),
  };
}

/** The kind of a value is said by its name in the help: `--out <dir>`. */
function optionValue({ argChoices, flags }: Option): Value {
  if (argChoices !== undefined) return { words: argChoices };
  const name = /[<[]([\w.=/-]+?)(?:\.\.\.)?[>\]]/.exec(flags)?.[1] ?? '';
  if (name === 'dir' || name === 'folder') return 'folder';
  if (name === 'run') return 'run';
  return /^file/.test(name) ? 'file' : 'text';
}

/** An argument `<dir>` is that of a run. */
function argumentValue(argument: Argument): Value {
  if (argument.argChoices !== undefined) return { words: argument.argChoices };
  const name = argument.name();
  if (name === 'scenario') return 'scenario';
  if (name === 'dir' || name === 'base') return 'run';
  return /^(?:files?|command)$/.test(name) ? 'file' : 'text';
}

function firstLine(text: string): string {
  return text.split('\n')[0] as string;
}
