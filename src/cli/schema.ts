import { Command } from 'commander';
import { scenarioJsonSchema } from '../scenario/schema.js';

export function schemaCommand(): Command {
  return new Command('schema')
    .description('Prints the JSON Schema of a scenario file, for editors and other tools.')
    .addHelpText('after', '\nExample:\n  $ zdd-verify schema > zdd-scenario.schema.json')
    .action(() => {
      process.stdout.write(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
    });
}
