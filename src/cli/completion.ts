import { Argument, Command } from 'commander';
import { ZddError } from '../model/errors.js';
import { didYouMean } from '../scenario/suggest.js';
import { bashScript } from './completion/bash.js';
import { fishScript } from './completion/fish.js';
import { type CompletedCommand, treeOf } from './completion/tree.js';
import { zshScript } from './completion/zsh.js';

const SCRIPTS: Readonly<Record<string, (program: CompletedCommand) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
const SHELLS = Object.keys(SCRIPTS);

/** `zdd-verify completion SHELL`; `wholeProgram` is the program with every command in full. */
export function completionCommand(wholeProgram: () => Promise<Command>): Command {
  const shell = new Argument('<shell>', 'bash, zsh or fish');
  shell.argChoices = SHELLS;
  return new Command('completion')
    .description('Prints a completion script: commands, options, presets, scenario files and run directories.')
    .addArgument(shell)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string) => {
      const script = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
      if (script === undefined) {
        throw new ZddError('USAGE', `there is no completion for \`${name}\`${didYouMean(name, SHELLS)}`, {
          hint: `there is one for ${SHELLS.join(', ')}`,
        });
      }
      process.stdout.write(script(treeOf(await wholeProgram())));
    });
}

const EXAMPLES = `
Examples:
  $ eval "$(zdd-verify completion bash)"                  in ~/.bashrc
  $ source <(zdd-verify completion zsh)                   in ~/.zshrc, behind compinit
  $ zdd-verify completion fish > ~/.config/fish/completions/zdd-verify.fish`;
