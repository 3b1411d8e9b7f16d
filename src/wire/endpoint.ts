/** Where requests go, and how a connection there is made: plain data that crosses into the sending threads. */
export interface Endpoint {
  /** Name of the service in the scenario; the empty text where there is one target. */
  name: string;
  /** Scheme, host and port: `https://shop.internal`, `http://[::1]:8080`. Host and SNI of the requests. */
  origin: string;
  protocol: 'http/1.1' | 'h2';
  /** Address to connect to in place of the origin's name; the name is then never looked up. */
  address: string | null;
  /** Path of a Unix socket to connect to in place of any address. */
  socketPath: string | null;
  tls: TlsPlan;
}

export interface TlsPlan {
  /** Certificates (PEM) that are trusted in place of the system's; null for those. */
  ca: string | null;
  /** Name for SNI and for the check of the certificate; null for the origin's. */
  servername: string | null;
  /** Client certificate and key, PEM. */
  cert: string | null;
  key: string | null;
}

export const SYSTEM_TLS: TlsPlan = { ca: null, servername: null, cert: null, key: null };

/** HTTP/1.1 at an origin, as the URL says it. */
export function endpointOf(origin: string): Endpoint {
  return { name: '', origin, protocol: 'http/1.1', address: null, socketPath: null, tls: SYSTEM_TLS };
}
