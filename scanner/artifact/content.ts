/** Bytes that tell what a file is: the tar magic ends at byte 262. */
export const PEEK_BYTES = 512;

/** `text` may hold manifests; everything that is neither that nor an archive is an artifact, whatever it holds. */
export type Content = 'artifact' | 'archive' | 'text';

const ARCHIVES: readonly { readonly magic: string; readonly at: number }[] = [
  { magic: '1f8b', at: 0 },
  { magic: '504b0304', at: 0 },
  { magic: '504b0506', at: 0 },
  { magic: '28b52ffd', at: 0 },
  { magic: Buffer.from('ustar').toString('hex'), at: 257 },
];
/** Names of files that may hold manifests. */
export const TEXT_NAME = /\.(ya?ml|json)$/i;

/** What a target is by its first bytes, and, for text, by its name: a stream has none, so its text is tried as manifests. */
export function contentOf(start: Uint8Array, { name, stream }: { readonly name: string; readonly stream: boolean }): Content {
  const bytes = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, PEEK_BYTES));
  if (ARCHIVES.some(({ magic, at }) => bytes.subarray(at, at + magic.length / 2).toString('hex') === magic)) return 'archive';
  if (bytes.includes(0)) return 'artifact';
  return stream || TEXT_NAME.test(name) ? 'text' : 'artifact';
}
