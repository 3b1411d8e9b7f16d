import { z } from 'zod';
import { amount, BOUNDS, text } from './leaves.js';
import { list, mapping } from './schema-requests.js';
import { show } from './suggest.js';

const destination = text(
  'a destination such as `deploy@10.0.1.10`',
  "Where ssh goes: `user@host`, or a name of the user's ssh configuration.",
  500,
);

/** Machines that steps and watchers name with `on`. */
export const hosts = z
  .record(
    z.string(),
    mapping('`{ ssh: deploy@10.0.1.10 }`', {
      ssh: z
        .union(
          [
            destination,
            mapping('`{ destination, port, identity, options }`', {
              destination,
              port: amount(BOUNDS.port, 'a TCP port', 'Its port; that of the ssh configuration without it.').optional(),
              identity: text(
                'the path of a private key',
                "From the scenario's folder on, or from `~`.",
                4000,
              ).optional(),
              options: list(text('a word', 'A word of the command line.', 4000), 'words such as `-J`', 50)
                .optional()
                .meta({ description: 'Words of the command line of ssh, such as `-o`, `ProxyJump=bastion`.' }),
            }),
          ],
          {
            error: ({ input }) =>
              `expected a destination such as \`deploy@10.0.1.10\` or \`{ destination, port, identity, options }\`, got ${show(input)}`,
          },
        )
        .meta({ description: "How it is reached: the system's ssh, which must not have to ask for anything." }),
    }),
    { error: ({ input }) => `expected a mapping of names to \`{ ssh: deploy@10.0.1.10 }\`, got ${show(input)}` },
  )
  .meta({ description: 'Other machines, by the names that `on` speaks of.' });

/** The host that something runs on. */
export const onHost = text('the name of a host', 'The one of `hosts` it runs on; this machine without it.', 100);
