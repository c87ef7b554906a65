import type { NamedHost } from './constants/forms.ts';

/** One entry of a list of hosts. null stands for any. */
interface Pattern { readonly scheme: string | null; readonly host: string; readonly port: string | null }

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443, redis: 6379, rediss: 6379, mysql: 3306, postgres: 5432, postgresql: 5432, mqtt: 1883, mqtts: 8883 };

/**
 * Whether a list of hosts, as manifests write it (`https://api.example:443`, `*.example`, `db.example:5432`, `redis://*:6379`), lets a
 * program call a host. null: an entry cannot be read, such as a template, so that nobody knows.
 */
export function hostListed(entries: readonly string[], { scheme, host, port }: NamedHost): boolean | null {
  const patterns = entries.map(readPattern);
  const wantedPort = port ?? (scheme === null ? null : (DEFAULT_PORTS[scheme] ?? null));
  const listed = patterns.some((pattern) => {
    if (pattern === null || !glob(pattern.host).test(host)) return false;
    if (scheme !== null && pattern.scheme !== null && pattern.scheme !== scheme) return false;
    return portFits(pattern, wantedPort);
  });
  return listed || (patterns.includes(null) ? null : false);
}

function portFits({ scheme, port }: Pattern, wanted: number | null): boolean {
  const known = port ?? (scheme === null ? null : String(DEFAULT_PORTS[scheme] ?? '*'));
  if (wanted === null || known === null || known === '*') return true;
  const [first, last] = known.split('..').map(Number);
  return wanted >= first! && wanted <= (last ?? first!);
}

function readPattern(entry: string): Pattern | null {
  const [, scheme, host, port] = /^(?:([A-Za-z*][A-Za-z0-9+.*-]*):\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.*-]+)(?::(\*|\d{1,5}(?:\.\.\d{1,5})?))?(?:\/.*)?$/.exec(entry) ?? [];
  if (host === undefined || /^\d+$/.test(host)) return null;
  return { scheme: scheme === undefined || scheme === '*' ? null : scheme.toLowerCase(), host: host.toLowerCase().replace(/^\[|\]$/g, ''), port: port ?? null };
}

/** A host in which `*` stands for any characters. Many stars would let a long name be tried in too many ways. */
function glob(host: string): RegExp {
  const parts = host.split(/\*+/).map((part) => part.replaceAll('.', String.raw`\.`));
  return parts.length > 4 ? /^(?!)$/ : new RegExp(`^${parts.join('.*')}$`);
}
