import type { Cause } from './cause.js';
import { must, sign } from './sign.js';

export const socketRemoved: Cause = {
  name: 'socket-removed',
  mode: null,
  claim: 'The Unix socket that the proxy connects to was not there: removed, or moved with the release.',
  signature: '502 at once; the log of the proxy says that there is no such file, or that the connection is refused.',
  because:
    'A server removes the path it bound when it ends, though its successor has bound it since; or the release has a path of its own.',
  remedy:
    'Bind a path of its own for each release and switch the proxy, or hand the listening socket over (systemd socket, `SO_REUSEPORT` does not help here).',
  fixes: { nginx: 'nginx: `server unix:/run/app-NEW.sock;` in the upstream, then `nginx -s reload`.' },
  references: [],
  signs: (v) => [
    must(v.gateway > 0.8, 'the proxy answered 502', 1),
    must(
      v.lines(/\bunix:\S+ failed|\bunix:.*(?:No such file|refused)/).length > 0,
      'the log of the proxy names a Unix socket that fails',
      4,
    ),
    sign(v.lines(/\bunix:.*No such file|\(2: No such file/).length > 0, 3, 'there is no such file', 1),
    sign(v.hardMs >= 200, 2, 'nothing succeeded'),
    sign(v.processes.appThroughout, 2, 'while a process of the app lived', 1),
  ],
};
