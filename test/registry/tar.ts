/**
 * Writes tar archives, hostile ones included:
 *   tar([{ path: 'app.wasm', bytes }, { path: 'lib', type: 'directory' }, { path: 'a', type: 'symlink', target: '../b' }, { path: '.wh.old' }])
 */
export interface TarEntry {
  /** As written; longer than 100 bytes: by a PAX header. */
  readonly path: string;
  readonly bytes?: Uint8Array | string;
  /** Default `file`. */
  readonly type?: 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';
  /** Of links. */
  readonly target?: string;
  readonly mode?: number;
  /** Size field, where it is to be another than that of the bytes. */
  readonly size?: number;
  /** PAX records before the entry: `path`, `linkpath`, `size`, `SCHILY.xattr....`. */
  readonly pax?: Readonly<Record<string, string>>;
  /** Long names as GNU tar writes them instead of PAX. */
  readonly gnu?: boolean;
  /** A whole type flag of its own: `S` for sparse files, `g` for global headers. */
  readonly flag?: string;
}

const FLAGS = { file: '0', hardlink: '1', symlink: '2', character: '3', block: '4', directory: '5', fifo: '6' } as const;
const BLOCK = 512;

/** The archive with its two empty blocks at the end. */
export function tar(entries: readonly TarEntry[]): Uint8Array {
  return Buffer.concat([...entries.flatMap(written), Buffer.alloc(2 * BLOCK)]);
}

function written(entry: TarEntry): Buffer[] {
  const bytes = Buffer.from(typeof entry.bytes === 'string' ? new TextEncoder().encode(entry.bytes) : entry.bytes ?? []);
  return [...extra(entry), header(entry, entry.size ?? bytes.length), padded(bytes)];
}

/** Headers that come before one: PAX records, or GNU's long names. */
function extra({ path, target = '', pax = {}, gnu = false }: TarEntry): Buffer[] {
  const long = (text: string) => Buffer.byteLength(text) > 100;
  if (gnu) return [...(long(path) ? gnuName('L', path) : []), ...(long(target) ? gnuName('K', target) : [])];
  const records = { ...(long(path) ? { path } : {}), ...(long(target) ? { linkpath: target } : {}), ...pax };
  if (Object.keys(records).length === 0) return [];
  const text = Buffer.from(Object.entries(records).map(([key, value]) => record(key, value)).join(''));
  return [header({ path: 'PaxHeader', flag: 'x' }, text.length), padded(text)];
}

function gnuName(flag: string, name: string): Buffer[] {
  const text = Buffer.from(`${name}\0`);
  return [header({ path: '././@LongLink', flag }, text.length), padded(text)];
}

/** `length key=value\n`, the length counting itself. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  const digits = String(rest + String(rest).length).length;
  return `${rest + digits} ${key}=${value}\n`;
}

function header({ path, type = 'file', target = '', mode = 0o644, flag }: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path.slice(0, 100), 0);
  block.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  block.write('0000000\x000000000\0', 108);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write(' '.repeat(8), 148);
  block.write(flag ?? FLAGS[type], 156);
  block.write(target.slice(0, 100), 157);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}
