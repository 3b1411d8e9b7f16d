import { Command } from 'commander';
import { addMark } from '../conductor/marks.js';
import { ZddError } from '../model/errors.js';

export function markCommand(): Command {
  return new Command('mark')
    .description('Begins a phase of the run that this deploy script is part of (by the ZDD_RUN it inherits).')
    .argument('<name>', 'name of the phase; build, migrate, switch, reload, verify and rollback are known kinds')
    .addHelpText(
      'after',
      '\nExample, in a deploy script:\n  zdd-verify mark migrate && ./migrate.sh\n  zdd-verify mark switch && ./switch.sh',
    )
    .action((name: string) => {
      const { ZDD_RUN: dir } = process.env;
      if (dir === undefined || dir === '') {
        throw new ZddError('NO_RUN', 'ZDD_RUN is not set: there is no run to mark', {
          hint: 'call it from a command that zdd-verify runs: zdd-verify run --url URL -- ./deploy.sh',
        });
      }
      if (!/^[\w .:-]{1,60}$/.test(name)) {
        throw new ZddError('USAGE', 'the name of a phase is 1 to 60 letters, digits, blanks, or one of . : - _');
      }
      addMark(dir, name);
    });
}
