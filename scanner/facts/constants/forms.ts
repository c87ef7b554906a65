import type { ConstantRole } from './model.ts';

const HOST = String.raw`(?:\[[0-9a-fA-F:.]{2,45}\]|(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z0-9-]{2,24}|(?:\d{1,3}\.){3}\d{1,3}|localhost)`;
const URL_FORM = new RegExp(String.raw`^[a-z][a-z0-9+.-]{1,15}:\/\/(?:[^\s/@]{1,100}@)?(${HOST}|[A-Za-z0-9-]{1,63})(:\d{1,5})?(?:[/?#]|$)`);
const BARE_FORM = new RegExp(String.raw`^(${HOST})(:\d{1,5})?$`);
const SOURCE_FILE = /\.(rs|go|c|cc|cpp|h|hpp|zig|s|ts|js|py|swift|kt|java|o|obj|wat|wasm)$/i;
/** Endings that make a bare name a file and no host. */
const FILE_ENDING = /\.(txt|json|ya?ml|toml|ini|conf|cfg|log|html?|css|csv|xml|db|sqlite|pem|key|crt|dat|bin|tmp|md|png|jpe?g|gif|svg|rs|go|c|h|js|ts|py|so|wasm)$/i;

/**
 * Whether a text has the form that imports of a role take, strictly enough to believe it where only a function nearby is known to
 * call such an import.
 */
export function looksLike(role: ConstantRole, text: string): boolean {
  switch (role) {
    case 'path': return isPath(text);
    case 'host': return readHost(text) !== null;
    case 'environment': return /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(text) && text.length >= 3 && text.length <= 64;
    default: return false;
  }
}

/** An absolute path, or a file name with an ending; not the name of a source file, which messages are full of. */
function isPath(text: string): boolean {
  if (text.length < 3 || text.length > 200 || SOURCE_FILE.test(text)) return false;
  return /^(?:\/[A-Za-z0-9_.@+-]+)+\/?$/.test(text) || /^(?:\.{1,2}\/)?(?:[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*\/)*[A-Za-z0-9_-]+\.[A-Za-z][A-Za-z0-9]{1,5}$/.test(text);
}

/** Where a host is named. */
export interface NamedHost {
  /** Lower case; brackets of an IPv6 address left out. */
  readonly host: string;
  /** null: none is written. */
  readonly port: number | null;
  /** Lower case; null: no URL. */
  readonly scheme: string | null;
}

/** The host in a URL, `host:port`, address or host name with a dot; null: none. */
export function readHost(text: string): NamedHost | null {
  const url = URL_FORM.exec(text);
  if (url !== null) return { ...named(url), scheme: text.slice(0, text.indexOf(':')).toLowerCase() };
  const bare = BARE_FORM.exec(text);
  return bare === null || !isBareHost(bare[1]!, bare[2] !== undefined) ? null : { ...named(bare), scheme: null };
}

function named([, host, port]: RegExpExecArray): Omit<NamedHost, 'scheme'> {
  return { host: host!.toLowerCase().replace(/^\[|\]$/g, ''), port: port === undefined ? null : Number(port.slice(1)) };
}

/** Versions are numbers with dots too, and files have dots before their endings. */
function isBareHost(host: string, withPort: boolean): boolean {
  if (/^[\d.]+$/.test(host)) return host.split('.').length === 4 && host.split('.').every((part) => Number(part) < 256);
  return withPort || (host.includes('.') && /\.[a-z]{2,24}$/.test(host) && !FILE_ENDING.test(host));
}
