import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls';
import { lookupInTime } from '../platform/resolver.js';
import type { Endpoint } from './endpoint.js';

/** Node gives one address of a name up after 250 ms, the last one too; a full backlog answers after a second or three. */
const ADDRESS_ATTEMPT_MS = 5000;

/** A connection being made. `connect` is emitted once it can carry data, in the protocol that was asked for. */
export interface Dialed {
  socket: Socket;
  /** The event that says that data can be sent. */
  ready: 'connect' | 'secureConnect';
  /** The name is being looked up right now. */
  resolving: boolean;
}

/** Opens a socket to an endpoint: TCP, TLS or Unix. Proxies of the environment are not used. */
export function dial(endpoint: Endpoint): Dialed {
  const url = new URL(endpoint.origin);
  const secure = url.protocol === 'https:';
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const host = endpoint.address ?? name;
  const port = Number(url.port || (secure ? 443 : 80));
  const place =
    endpoint.socketPath === null
      ? { host, port, lookup: lookupInTime, autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS }
      : { path: endpoint.socketPath };
  const socket = secure ? dialTls(endpoint, place, name) : connectTcp(place);
  socket.setNoDelay(true);
  const dialed: Dialed = {
    socket,
    ready: secure ? 'secureConnect' : 'connect',
    resolving: endpoint.socketPath === null && isIP(host) === 0,
  };
  socket.once('lookup', () => {
    dialed.resolving = false;
  });
  return dialed;
}

function dialTls(endpoint: Endpoint, place: object, name: string): TLSSocket {
  const { ca, cert, key, servername } = endpoint.tls;
  // An address is no name: SNI carries none then, and the certificate is checked against the address.
  const sni = servername ?? (isIP(name) === 0 ? name : undefined);
  return connectTls({
    ...place,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
    // Of the name, also where an address or a socket is connected to in its place.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(servername ?? name, certificate),
    ...(sni === undefined ? {} : { servername: sni }),
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ALPNProtocols: [endpoint.protocol === 'h2' ? 'h2' : 'http/1.1'],
  });
}
