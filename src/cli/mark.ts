import { Command } from 'commander';
import { addMark } from '../conductor/marks.js';
import { ZddError } from '../model/errors.js';
import { currentRun, DEFAULT_OUT } from './current-run.js';

export function markCommand(): Command {
  return new Command('mark')
    .description(
      'Begins a phase of the run that this deploy script is part of (by the ZDD_RUN it inherits), or that `start` began.',
    )
    .argument('<name>', 'name of the phase; build, migrate, switch, reload, verify and rollback are known kinds')
    .option('--out <dir>', 'folder the run directories are made in, where ZDD_RUN is not set', DEFAULT_OUT)
    .addHelpText('after', HELP)
    .action((name: string, { out }: { out: string }) => {
      if (!/^[\w .:-]{1,60}$/.test(name)) {
        throw new ZddError('USAGE', 'the name of a phase is 1 to 60 letters, digits, blanks, or one of . : - _');
      }
      const { ZDD_RUN: told } = process.env;
      addMark(told === undefined || told === '' ? startedRun(out) : told, name);
    });
}

const HELP = `
Where the run is over nothing is marked, and the exit code is 2: what follows would not be recorded. To release all the
same, write \`zdd-verify mark NAME || true\`; \`stop\` says what became of the recorder.

Examples, in a deploy script or between \`start\` and \`stop\`:
  zdd-verify mark migrate && ./migrate.sh
  zdd-verify mark switch && ./switch.sh`;

function startedRun(out: string): string {
  try {
    return currentRun(undefined, out, {}).dir;
  } catch (error) {
    if (!(error instanceof ZddError)) throw error;
    throw new ZddError('NO_RUN', `ZDD_RUN is not set, and ${error.message}`, {
      hint: 'call it from a command that `zdd-verify run --url URL -- ./deploy.sh` runs, or after `zdd-verify start`',
    });
  }
}
