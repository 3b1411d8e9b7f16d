import { Agent as HttpAgent } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { KubeConfig, User } from '@kubernetes/client-node';
import { messageOf } from '../model/errors.js';
import { type ExecPlugin, execCredential } from './exec-credential.js';

/** What a request to the API server carries. */
export interface Login {
  headers: Record<string, string>;
  agent: HttpAgent;
}

/** The way to a cluster. */
export interface ClusterAccess {
  /** Without a slash at its end. */
  server: string;
  /** Of the context. */
  namespace: string;
  /** Credentials that are good now. @throws without any secret in its message. */
  login(signal: AbortSignal): Promise<Login>;
  /** Closes what connections are left. */
  close(): void;
}

export interface ClusterPlace {
  /** Null: `$KUBECONFIG`, `~/.kube/config`, or the service account of the pod this runs in. */
  kubeconfig: string | null;
  /** Null: the current one. */
  context: string | null;
}

/** Tokens are looked for again this often, and before they end. */
const TOKEN_FILE_MS = 60_000;
const BEFORE_END_MS = 30_000;
const LOGIN_MS = 20_000;
const MAX_SOCKETS = 16;
/** Ways to log in that kubectl has not had since 1.26, and that would start programs without a bound. */
const GONE = ['gcp', 'azure'];

/**
 * Reads a kubeconfig as kubectl does. The library is loaded here, where a cluster is watched.
 * @throws where there is none, or it says nothing of use.
 */
export async function clusterAccess({ kubeconfig, context }: ClusterPlace): Promise<ClusterAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  load(config, kubeconfig);
  if (context !== null) {
    if (config.getContextObject(context) === null) throw new Error(`the kubeconfig has no context ${context}`);
    config.setCurrentContext(context);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster: it has no current context');
  if (!/^https?:$/.test(URL.canParse(cluster.server) ? new URL(cluster.server).protocol : ''))
    throw new Error('the server of the kubeconfig is no URL of http: or https:');
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace ?? 'default';
  const isPlain = cluster.server.startsWith('http:');
  const logins = isPlain ? createPlainLogins() : createLogins(config, dirname(kubeconfig ?? usualKubeconfig()));
  return { server: cluster.server, namespace, ...logins };
}

function load(config: KubeConfig, path: string | null): void {
  try {
    if (path === null) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (error) {
    // The parser quotes the lines around a fault: they may hold a token.
    if ((error as Error).name === 'YAMLException') throw new Error('the kubeconfig is no YAML');
    throw new Error(`the kubeconfig cannot be read: ${messageOf(error)}`);
  }
  if (path === null && config.getCurrentContext() === 'loaded-context')
    throw new Error('there is no kubeconfig ($KUBECONFIG, ~/.kube/config), and this is no pod with a service account');
}

function usualKubeconfig(): string {
  const [first = ''] = (process.env.KUBECONFIG ?? '').split(delimiter);
  return first === '' ? join(homedir(), '.kube', 'config') : first;
}

/** Without TLS no credentials are sent, as kubectl does: `kubectl proxy`, a cluster on this machine. */
function createPlainLogins(): Pick<ClusterAccess, 'login' | 'close'> {
  const agent = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  return { login: async () => ({ headers: {}, agent }), close: () => agent.destroy() };
}

function createLogins(config: KubeConfig, dir: string): Pick<ClusterAccess, 'login' | 'close'> {
  const agents = new Map<string, HttpAgent>();
  let current: (Login & { until: number }) | null = null;
  let pending: Promise<Login> | null = null;

  const make = async (signal: AbortSignal): Promise<Login> => {
    const user = config.getCurrentUser();
    let until = Number.POSITIVE_INFINITY;
    if (user?.authProvider?.config?.tokenFile !== undefined) until = Date.now() + TOKEN_FILE_MS;
    if (GONE.includes(user?.authProvider?.name ?? ''))
      throw new Error(`the kubeconfig logs in by the auth-provider ${user?.authProvider?.name}: use an exec plugin`);
    if (user?.exec != null) {
      const credential = await execCredential(user.exec as ExecPlugin, dir, LOGIN_MS, signal);
      until = credential.until - BEFORE_END_MS;
      config.users = config.users.map((each) => (each.name === user.name ? withCredential(each, credential) : each));
    }
    const options: RequestOptions = {};
    await within(config.applyToHTTPSOptions(options), LOGIN_MS);
    // The next time, the plugin is asked again.
    if (user?.exec != null) config.users = config.users.map((each) => (each.name === user.name ? user : each));
    const key = `${options.cert ?? ''}`;
    const agent = agents.get(key) ?? agentFor(config, options);
    agents.set(key, agent);
    const headers = Object.fromEntries(
      Object.entries(options.headers ?? {}).map(([name, value]) => [name, `${value}`]),
    );
    if (typeof options.auth === 'string')
      headers.Authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    current = { headers, agent, until };
    return current;
  };

  return {
    login: (signal) => {
      if (current !== null && Date.now() < current.until) return Promise.resolve(current);
      pending ??= make(signal).finally(() => {
        pending = null;
      });
      return pending;
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

function withCredential(user: User, { token, cert, key }: Awaited<ReturnType<typeof execCredential>>): User {
  const { exec: _, ...rest } = user;
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  return {
    ...rest,
    ...(token === null ? {} : { token }),
    ...(cert === null ? {} : { certData: encoded(cert) }),
    ...(key === null ? {} : { keyData: encoded(key) }),
  };
}

/** One that keeps connections; behind a proxy that of the library, which does not. */
function agentFor(
  config: KubeConfig,
  { agent, ca, cert, key, rejectUnauthorized, servername }: RequestOptions,
): HttpAgent {
  if (config.getCurrentCluster()?.proxyUrl !== undefined) return agent as HttpAgent;
  const given = { ca, cert, key, rejectUnauthorized, servername };
  const tls = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, ...tls });
}

async function within<T>(done: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the login of the kubeconfig took more than ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
