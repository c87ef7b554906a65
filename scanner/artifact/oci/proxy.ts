import { isIP } from 'node:net';
import { blockList, inRanges } from './address.ts';
import { hostAndPort } from './guard.ts';

/** Which proxy a URL goes through, by the usual variables; null: none. Loopback never does. */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): string | null {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const proxy = environment[name] || environment[name.toUpperCase()];
  if (!proxy || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)) return null;
  const exempt = (environment['no_proxy'] || environment['NO_PROXY'] || '').toLowerCase().split(/[,\s]+/).filter((entry) => entry !== '');
  if (exempt.some((entry) => exempts(entry, url))) return null;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** One entry of NO_PROXY: `*`, a host with or without port, a domain with everything below it, an address, a range. */
function exempts(entry: string, url: URL): boolean {
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (entry === '*' || entry === address) return true;
  if (entry.includes('/')) return isIP(address) > 0 && inRange(entry, address);
  const [, domain = '', port] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port !== undefined && !hostAndPort(url).endsWith(`:${port}`)) return false;
  return domain !== '' && (url.hostname === domain || url.hostname.endsWith(`.${domain}`));
}

function inRange(entry: string, address: string): boolean {
  try {
    return inRanges(blockList([entry]), address);
  } catch {
    return false;
  }
}
