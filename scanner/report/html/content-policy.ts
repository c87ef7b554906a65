/** The texts of a page that may take effect, and SHA-256 of a text in 64 hexadecimal digits. */
export interface Trusted {
  readonly hash: (text: string) => string;
  readonly style: string;
  /** null: nothing runs. */
  readonly script: string | null;
}

/** The content security policy of a page: nothing loads and nothing runs but its one style sheet and its one script, by their hashes. */
export function contentPolicy({ hash, style, script }: Trusted): string {
  const source = (text: string): string => `'sha256-${base64OfHex(hash(text))}'`;
  return `default-src 'none'; style-src ${source(style)}; ${script === null ? '' : `script-src ${source(script)}; `}base-uri 'none'; form-action 'none'`;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64OfHex(hex: string): string {
  let text = '';
  // Three hexadecimal digits are two of base64.
  for (let at = 0; at < hex.length; at += 3) {
    const value = parseInt(hex.slice(at, at + 3).padEnd(3, '0'), 16);
    text += DIGITS[value >> 6]! + (hex.length - at === 1 ? '' : DIGITS[value & 63]!);
  }
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
