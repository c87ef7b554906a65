import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** `never`: link-local and the metadata services of clouds; `private`: only where it is listed; `public`: everywhere. */
export type Reach = 'never' | 'private' | 'public';

const NEVER = blockList(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254/128', '100.100.100.200/32', '168.63.129.16/32']);
// IANA special-purpose registries for IPv4 and IPv6: what a public registry can never have.
const PRIVATE = blockList([
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '172.16.0.0/12', '192.0.0.0/24', '192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4',
  '::/128', '::1/128', '64:ff9b:1::/48', '100::/64', '2001::/32', 'fc00::/7', 'fec0::/10', 'ff00::/8',
]);

/** How far an address may be reached. IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4) counts as both; what is no address is `never`. */
export function reachOf(address: string): Reach {
  const forms = formsOf(address);
  if (forms.length === 0 || forms.some((form) => holds(NEVER, form))) return 'never';
  return forms.some((form) => holds(PRIVATE, form)) ? 'private' : 'public';
}

/** Whether an address, or the IPv4 address inside it, is in one of the ranges. */
export function inRanges(ranges: BlockList, address: string): boolean {
  return formsOf(address).some((form) => holds(ranges, form));
}

/** Ranges from `address/bits`. Throws RangeError for what is none. */
export function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [, address, bits] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(range) ?? [];
    if (address === undefined || !(isIPv4(address) || isIPv6(address)) || Number(bits) > (isIPv4(address) ? 32 : 128)) throw new RangeError(`${JSON.stringify(range.slice(0, 80))} is no range of addresses such as 10.0.0.0/8`);
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** An address without brackets and zone, and the IPv4 address that it stands for. */
function formsOf(text: string): readonly string[] {
  const address = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIPv4(address)) return [address];
  if (!isIPv6(address)) return [];
  const inner = embedded(groupsOf(address));
  return inner === null ? [address] : [address, inner];
}

function embedded(groups: readonly number[]): string | null {
  const starts = (...prefix: readonly number[]): boolean => prefix.every((group, index) => groups[index] === group);
  if (groups[0] === 0x2002) return dotted(groups[1]!, groups[2]!);
  const mapped = starts(0, 0, 0, 0, 0, 0xffff) || starts(0, 0, 0, 0, 0xffff, 0);
  const translated = starts(0x64, 0xff9b, 0, 0, 0, 0) || starts(0x64, 0xff9b, 1);
  const compatible = starts(0, 0, 0, 0, 0, 0) && (groups[6]! > 0 || groups[7]! > 1);
  return mapped || translated || compatible ? dotted(groups[6]!, groups[7]!) : null;
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address that is well-formed. */
function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.replace(/[\d.]+$/, (end) => (end.includes('.') ? hexadecimal(end) : end)).split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return groups(head);
  const [before, behind] = [groups(head), groups(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - behind.length }, () => 0), ...behind];
}

/** The two groups that an IPv4 address at the end stands for. */
function hexadecimal(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
