/** The registry and repository that a credential is wanted for. */
export interface CredentialTarget {
  /** Without port, in lower case; `docker.io` for Docker Hub by any of its names. */
  readonly host: string;
  readonly port: string;
  /** The port that the scheme of the registry's origin stands for. */
  readonly defaultPort: string;
  readonly repository: string;
}

/** A key of a credential file: `host`, `host:port`, `https://host/v1/`, `host/path`, in pull secrets `*.host`. */
export interface RegistryKey {
  readonly host: string;
  /** null: the one of the scheme. */
  readonly port: string | null;
  /** Segments that the repository must begin with. */
  readonly path: readonly string[];
}

/** The one name for Docker Hub here. */
const HUB = 'docker.io';
/** Names under which Docker Hub answers or is written down; the registry itself is the last. */
const HUB_HOSTS = [HUB, 'index.docker.io', 'registry-1.docker.io'];
/** The key that docker itself writes and its helpers know for Docker Hub. */
const HUB_SERVER = 'https://index.docker.io/v1/';

const KEY = /^(?:https?:\/\/)?([a-z0-9.*?_-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?((?:\/[^\s/?#]+)*)\/?$/i;

/** What credentials are looked up for. @param origin `https://host[:port]` */
export function targetOf(origin: URL, repository: string): CredentialTarget {
  const defaultPort = origin.protocol === 'http:' ? '80' : '443';
  const port = origin.port || defaultPort;
  return { host: canonical(origin.hostname, port === '443'), port, defaultPort, repository };
}

/** The server as credential helpers are asked for it. */
export function serverOf(target: CredentialTarget): string {
  if (target.host === HUB) return HUB_SERVER;
  return target.port === target.defaultPort ? target.host : `${target.host}:${target.port}`;
}

/** null: a key that stands for no registry, such as one with a user name in it. The API version that old keys end with is no path. */
export function parseRegistryKey(text: string): RegistryKey | null {
  const [, host, port, path] = KEY.exec(text) ?? [];
  if (host === undefined) return null;
  const segments = (path ?? '').split('/').slice(1);
  return { host: host.toLowerCase(), port: port ?? null, path: /^v[12]$/.test(segments[0] ?? '') ? segments.slice(1) : segments };
}

/** Whether a key names exactly this host, port, and the beginning of the repository. Stars are no patterns here. */
export function namesExactly(key: RegistryKey, target: CredentialTarget): boolean {
  return canonical(key.host, true) === target.host && samePlace(key, target);
}

/** The same, but each label of the host may hold `*` and `?`, as Kubernetes reads pull secrets. A star never spans a dot. */
export function namesByPattern(key: RegistryKey, target: CredentialTarget): boolean {
  const hosts = target.host === HUB ? HUB_HOSTS : [target.host];
  return hosts.some((host) => matchesLabels(key.host, host)) && samePlace(key, target);
}

/** Orders keys, the most specific first: longer path, fewer wildcards, more labels. */
export function bySpecificity(a: RegistryKey, b: RegistryKey): number {
  const wildcards = ({ host }: RegistryKey): number => host.replace(/[^*?]/g, '').length;
  return b.path.length - a.path.length || wildcards(a) - wildcards(b) || b.host.split('.').length - a.host.split('.').length;
}

function samePlace({ port, path }: RegistryKey, target: CredentialTarget): boolean {
  const segments = target.repository.split('/');
  return (port ?? target.defaultPort) === target.port && path.every((segment, index) => segments[index] === segment);
}

function canonical(host: string, isDefaultPort: boolean): string {
  return isDefaultPort && HUB_HOSTS.includes(host) ? HUB : host;
}

function matchesLabels(pattern: string, host: string): boolean {
  const [patterns, labels] = [pattern.split('.'), host.split('.')];
  return patterns.length === labels.length && patterns.every((label, index) => matchesLabel(label, labels[index]!));
}

/** On a mismatch the last star takes one character more: at most the product of both lengths, and a label has 63. */
function matchesLabel(pattern: string, label: string): boolean {
  let [at, star, resume] = [0, -1, 0];
  for (let index = 0; index < label.length; ) {
    if (pattern[at] === '*') [star, resume] = [at++, index];
    else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === label[index])) [at, index] = [at + 1, index + 1];
    else if (star >= 0) [at, index] = [star + 1, ++resume];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
