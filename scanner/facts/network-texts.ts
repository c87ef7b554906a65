/** Verbs of the protocol between miner and pool, and hosts of pools and browser miners. Words such as "hashrate" are in honest programs too. */
export const MINING_ANCHORS = [
  'stratum+tcp://', 'stratum+ssl://', 'stratum+tls://', 'stratum2+tcp://', 'stratum://', 'mining.subscribe', 'mining.authorize', 'mining.submit', 'mining.set_difficulty',
  'minexmr.com', 'supportxmr.com', 'nanopool.org', 'moneroocean.stream', 'hashvault.pro', '2miners.com', 'herominers.com', 'nicehash.com', 'f2pool.com', 'unmineable.com', 'c3pool.com', 'c3pool.org',
  'xmrpool.eu', 'dwarfpool.com', 'minergate.com', 'viabtc.com', 'kryptex.network', 'xmrig.com', 'donate.v2.xmrig', 'coinhive.com', 'coin-hive.com', 'authedmine.com', 'coinimp.com', 'crypto-loot.com', 'cryptoloot.pro',
  'webminepool.com', 'jsecoin.com', 'deepminer.', 'webmine.cz', 'minero.cc', 'coinpot.co', 'monerominer.rocks', 'hashing.win', 'ppoi.org', 'webassembly.stream', 'coin-have.com',
] as const;

/** Instance metadata services of cloud providers. */
export const METADATA_ANCHORS = ['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254', 'metadata.google.internal', 'metadata.azure.internal'] as const;

/** Files that only an attacker or an agent of the node needs. */
export const SENSITIVE_ANCHORS = [
  '/var/run/secrets/', '/run/secrets/kubernetes.io', '/etc/shadow', '/proc/self/environ', '/proc/self/mem', '/proc/1/', '/.aws/credentials', '/.ssh/id_', '/.ssh/authorized_keys', '/root/.ssh', 'docker.sock', 'containerd.sock',
  'crio.sock', '/.kube/config', '/etc/kubernetes/', '/var/lib/kubelet/', '/.docker/config.json', '/.config/gcloud', '/sys/fs/cgroup', '/etc/sudoers', '/.git-credentials',
] as const;

/** Pieces of commands that connect a shell with a socket, as incident reports show them: bash, netcat, PowerShell, scripting languages. */
export const SHELL_ANCHORS = ['/dev/tcp/', '/dev/udp/', 'nc -e', 'ncat -e', 'ncat --exec', 'bash -i >&', 'sh -i >&', 'powershell -e', 'powershell.exe -e', '-nop -w hidden', 'pty.spawn(', '/bin/sh -i', '/bin/bash -i'] as const;

/** The command around an anchor that starts a word, up to the end of its line; null: part of another word. */
export function readCommand(text: string, at: number, anchor: string): { readonly text: string; readonly start: number } | null {
  if (/[A-Za-z0-9_]$/.test(text.slice(Math.max(0, at - 1), at)) && !anchor.startsWith('/')) return null;
  const after = /^[ -~]{0,60}/.exec(text.slice(at + anchor.length))![0];
  // Shells name the device by itself; a command gives it a host and a port.
  if (anchor.startsWith('/dev/') && !/^(?:[A-Za-z0-9.$%{[-][^/\s]{0,50})\/[0-9$%{]/.test(after)) return null;
  if (anchor.startsWith('powershell') && !/^(?:nc|ncodedcommand|c)?\s/i.test(after)) return null;
  return { text: `${anchor}${after}`.trimEnd(), start: at };
}

/** Where private addresses may stand. */
export const ENDPOINT_ANCHORS = ['://', '.svc.cluster.local', '192.168.', '.internal', '.corp'] as const;

const PRIVATE_ADDRESS = /^(10\.\d{1,3}|172\.(1[6-9]|2\d|3[01])|192\.168)\.\d{1,3}\.\d{1,3}$/;
const PRIVATE_NAME = /\.(svc\.cluster\.local|cluster\.local|svc|internal|corp|intranet|lan|local|home\.arpa)$/i;
const AUTHORITY = /([A-Za-z][A-Za-z0-9+.-]{1,15}):\/\/(?:[^\s/@"'<>]{1,100}@)?(\[[0-9a-fA-F:]{2,45}\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?/g;
const BARE = new RegExp(String.raw`(?<![A-Za-z0-9.-])(?:192\.168\.\d{1,3}\.\d{1,3}|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.svc\.cluster\.local|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}\.(?:internal|corp)(?=:\d))(?::\d{1,5})?(?![A-Za-z0-9-]|\.\d)`, 'g');

/** The private address or internal name at an anchor, with its place in the text; null when it is public or made up. */
export function readEndpoint(text: string, at: number): { readonly text: string; readonly start: number } | null {
  for (const expression of text.startsWith('://', at) ? [AUTHORITY] : [BARE]) {
    expression.lastIndex = Math.max(0, at - 100);
    for (let match = expression.exec(text); match && match.index <= at; match = expression.exec(text)) {
      if (match.index + match[0].length > at && isInternal(match)) return { text: match[0], start: match.index };
    }
  }
  return null;
}

/** A word around an anchor: letters, digits and what stands in addresses and paths. */
export function readWord(text: string, at: number, anchor: string): { readonly text: string; readonly start: number } {
  let before = 0;
  while (before < Math.min(at, 60) && /[A-Za-z0-9+:/._@-]/.test(text[at - before - 1]!)) before++;
  const after = /^[A-Za-z0-9:/._@?=-]{0,60}/.exec(text.slice(at + anchor.length))![0].length;
  return { text: text.slice(at - before, at + anchor.length + after), start: at - before };
}

/** Whether an address stands by itself: `169.254.169.254`, but not `1169.254.169.2540`. */
export function standsAlone(text: string, at: number, anchor: string): boolean {
  return !/[A-Za-z0-9.-]$/.test(text.slice(Math.max(0, at - 1), at)) && !/^[A-Za-z0-9]|^\.\d/.test(text.slice(at + anchor.length, at + anchor.length + 2));
}

function isInternal(match: RegExpExecArray): boolean {
  const [, scheme, authority, port] = match;
  // The bare form names only what is internal.
  if (scheme === undefined) return !/metadata\.(google|azure)\.internal/.test(match[0]);
  const host = authority!.toLowerCase().replace(/\.$/, '');
  if (/^metadata\.(google|azure)\.internal$/.test(host)) return false;
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0)$/.test(host)) return port !== undefined;
  return PRIVATE_ADDRESS.test(host) || /^\[f[cd][0-9a-f]{2}:/.test(host) || (PRIVATE_NAME.test(host) && !/^(example|foo|test)\./.test(host));
}
