const latin1 = new TextDecoder('latin1');

/** Bytes as text, a character each, every byte replaced by what a table of 256 gives for it. For windows of some hundred bytes. */
export function windowText(bytes: Uint8Array, shown: Uint8Array): string {
  const replaced = new Uint8Array(bytes.length);
  for (let at = 0; at < replaced.length; at++) replaced[at] = shown[bytes[at]!]!;
  return latin1.decode(replaced);
}
