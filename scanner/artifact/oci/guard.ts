import { isIP, type BlockList, type LookupFunction } from 'node:net';
import { lookup } from 'node:dns';
import { unreadable } from './failure.ts';
import { blockList, inRanges, reachOf } from './address.ts';
import { normalHost } from './reference.ts';
import type { RegistryOptions } from './registry.ts';
import type { FetchError } from '../fetch-error.ts';

/** Who may be contacted: `public` is everybody but private addresses that are not listed; `listed` is the list alone. */
export type Circle = 'public' | 'listed';

/**
 * Decides which hosts and addresses are contacted, so that no reference, redirect or realm makes this machine talk to services that
 * only it can reach (CVE-2026-4789, CVE-2026-84199).
 */
export interface Guard {
  /** Refuses a URL whose form, scheme or literal address is not allowed. Throws FetchError. */
  inspect(url: URL, circle: Circle): void;
  /** Resolves names for sockets and fails where an address is refused: the one looked at is the one that is connected to. */
  lookupFor(url: URL, circle: Circle): LookupFunction;
  /** For connections through a proxy, which resolves names itself: only what the name says can be held. Throws FetchError. */
  inspectProxied(url: URL, circle: Circle): void;
}

/** What the options list. Throws RangeError for an entry that is no `host[:port]` or CIDR. */
export function createGuard(options: Pick<RegistryOptions, 'allowedHosts' | 'insecure' | 'authorities' | 'mirrors'>): Guard {
  const hosts = new Set<string>();
  for (const host of options.allowedHosts.filter((entry) => !entry.includes('/'))) hosts.add(listedHost(host, ''));
  for (const host of options.insecure) for (const port of ['80', '443']) hosts.add(listedHost(host, port));
  for (const host of Object.keys(options.authorities)) hosts.add(listedHost(host, '443'));
  for (const mirror of Object.values(options.mirrors).flat()) hosts.add(listedHost(mirror.split('/')[0]!, '443'));
  const ranges = blockList(options.allowedHosts.filter((entry) => entry.includes('/')));
  return guardOf(hosts, ranges);
}

/** `host:port` of a URL, the port always written. */
export function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'http:' ? '80' : '443')}`;
}

function guardOf(hosts: ReadonlySet<string>, ranges: BlockList): Guard {
  const lists = (url: URL): boolean => hosts.has(hostAndPort(url)) || hosts.has(`${url.hostname}:`);
  const refuse = (url: URL, circle: Circle, address: string): FetchError | null => {
    const reach = reachOf(address);
    if (reach === 'never') return refusal(url, `${address} is link-local or a metadata service, which is never contacted`);
    if (lists(url) || inRanges(ranges, address)) return null;
    if (circle === 'listed') return notListed(url);
    return reach === 'private' ? refusal(url, `${address} is a private address: list the host with --allow-host`) : null;
  };
  return {
    inspectProxied: (url, circle) => {
      if (circle === 'listed' && isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 && !lists(url)) throw notListed(url);
    },
    inspect: (url, circle) => {
      inspectForm(url);
      const address = url.hostname.replace(/^\[|\]$/g, '');
      const refused = isIP(address) > 0 ? refuse(url, circle, address) : null;
      if (refused) throw refused;
    },
    lookupFor: (url, circle) => (hostname, options, callback) => {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        const first = addresses?.[0];
        // One refused address among several is enough: which one is tried would be chance.
        const refused = error ?? addresses.map(({ address }) => refuse(url, circle, address)).find((found) => found !== null) ?? (first ? null : unreadable('no-address', `${url.host} has no address`));
        if (refused || !first) callback(refused, '', 0);
        else if (options.all) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

function inspectForm(url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw unreadable('bad-url', 'Only http and https addresses are contacted');
  if (url.username !== '' || url.password !== '') throw unreadable('bad-url', `An address at ${url.host} has a user or password in it, which is refused`);
  if (url.hostname === '') throw unreadable('bad-url', 'An address has no host');
}

/** `host:port`; the default port where none is written, or none, which means every port. */
function listedHost(text: string, port: string): string {
  const host = (isIP(text) === 6 ? `[${text}]` : text).toLowerCase();
  if (normalHost(host) === null) throw new RangeError(`${JSON.stringify(text.slice(0, 80))} is no host such as registry.example:5000`);
  return /:\d+$/.test(host) ? host : `${host}:${port}`;
}

function notListed(url: URL): FetchError {
  return unreadable('host-not-listed', `${url.host} is not a listed host: list it with --allow-host`);
}

function refusal(url: URL, why: string): FetchError {
  return unreadable('address-refused', `${url.host} is not contacted: ${why}`);
}
