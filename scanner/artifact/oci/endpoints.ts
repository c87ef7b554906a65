import { discard, type Transport } from './transport.ts';
import { hostAndPort } from './guard.ts';
import { normalHost, type Repository } from './reference.ts';
import type { RegistryOptions } from './registry.ts';

/** One host that may have a repository. */
export interface Endpoint {
  /** `https://host[:port]` */
  readonly origin: string;
  /** Path of the repository there. */
  readonly path: string;
}

/** The hosts of a repository in the order to ask them: its mirrors, then its registry. Each is looked at only when its turn comes. */
export type EndpointsOf = (repository: Repository) => readonly ((deadline: number) => Promise<Endpoint>)[];

/** Reads the mirrors, `host[:port][/prefix]` each, and finds out how insecure hosts are spoken to. Throws RangeError for what is no host. */
export function createEndpoints(options: Pick<RegistryOptions, 'mirrors' | 'insecure'>, transport: Transport): EndpointsOf {
  const insecure = new Set(options.insecure.map(normal));
  const mirrors = new Map(Object.entries(options.mirrors).map(([registry, list]) => [normal(registry), list.map(mirrorOf)]));
  const origins = new Map<string, Promise<string | null>>();
  const originOf = async (host: string, deadline: number): Promise<string> => {
    if (!insecure.has(host)) return `https://${connected(host)}`;
    const probing = origins.get(host) ?? probe(transport, connected(host), deadline);
    origins.set(host, probing);
    const found = await probing;
    if (found === null) origins.delete(host);
    return found ?? `http://${connected(host)}`;
  };
  return (repository) => {
    const places = [...(mirrors.get(repository.registry) ?? []).map(({ host, prefix }) => ({ host, path: `${prefix}${repository.path}` })), { host: repository.registry, path: repository.path }];
    return places.map(({ host, path }) => async (deadline: number) => ({ origin: await originOf(host, deadline), path }));
  };
}

/** Plain HTTP where it answers, otherwise TLS without a look at the certificate; null: neither, so nothing is remembered. */
async function probe(transport: Transport, host: string, deadline: number): Promise<string | null> {
  if (await answers(transport, new URL(`http://${host}/v2/`), deadline)) return `http://${host}`;
  const url = new URL(`https://${host}/v2/`);
  transport.trustBlindly(hostAndPort(url));
  return (await answers(transport, url, deadline)) ? url.origin : null;
}

async function answers(transport: Transport, url: URL, deadline: number): Promise<boolean> {
  try {
    const response = await transport.send({ url, method: 'GET', headers: {}, deadline, circle: 'public' });
    discard(response);
    // Servers that speak TLS answer a plain request with 400.
    return response.status !== 400;
  } catch {
    return false;
  }
}

function mirrorOf(text: string): { readonly host: string; readonly prefix: string } {
  const [host = '', ...prefix] = text.replace(/\/+$/, '').split('/');
  if (prefix.some((part) => !/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/.test(part))) throw new RangeError(`${JSON.stringify(text.slice(0, 80))} is no mirror such as mirror.example:5000/prefix`);
  return { host: normal(host), prefix: prefix.map((part) => `${part}/`).join('') };
}

function normal(text: string): string {
  const host = normalHost(text);
  if (host === null) throw new RangeError(`${JSON.stringify(text.slice(0, 80))} is no host such as registry.example:5000`);
  return host;
}

/** Docker Hub's registry has another name than its images. */
function connected(host: string): string {
  return host === 'docker.io' ? 'registry-1.docker.io' : host;
}
