/**
 * Whether a host, as it stands in an address, is only reachable from within a private network: loopback, RFC 1918,
 * link-local and unique local addresses, carrier-grade NAT, single-label names, and the names RFC 6762, RFC 8375 and
 * Kubernetes keep for such networks.
 */
export function isPrivateHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (name === '') return false;
  if (name.includes(':')) return /^(::1|fe[89ab][0-9a-f]:|f[cd][0-9a-f]{2}:)/.test(name);
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name)?.slice(1).map(Number);
  if (octets) return isPrivateAddress(octets[0]!, octets[1]!);
  return !name.includes('.') || /\.(local|localhost|internal|intranet|corp|home|lan|private|home\.arpa|svc)$/.test(name);
}

function isPrivateAddress(first: number, second: number): boolean {
  return first === 10 || first === 127 || (first === 172 && second >= 16 && second < 32) || (first === 192 && second === 168) || (first === 169 && second === 254) || (first === 100 && second >= 64 && second < 128);
}
