import { fork, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openBlobStore } from './blob-store.ts';

const KIB = 1 << 10;
const root = mkdtempSync(join(tmpdir(), 'wasmgate-blobs-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
let count = 0;
beforeEach(() => {
  folder = join(root, `store-${count++}`);
});

const blobOf = (seed: number | string, length = KIB): { bytes: Buffer; digest: string; path: string } => {
  const bytes = Buffer.alloc(length, `${seed} `);
  const hex = hash('sha256', bytes, 'hex');
  return { bytes, digest: `sha256:${hex}`, path: join(folder, 'blobs', 'sha256', hex.slice(0, 2), hex) };
};

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory() && entry.name !== 'lock').map((entry) => join(entry.parentPath, entry.name));
const bytesIn = (path: string): number => filesIn(path).reduce((sum, file) => sum + statSync(file).size, 0);
const open = (maxBytes = 1 << 20) => openBlobStore(folder, { maxBytes });

describe('a blob store', () => {
  test('gives back in another run what was kept, in files and folders of the owner alone', async () => {
    const blob = blobOf(1);
    await open().put(blob.digest, blob.bytes);
    expect(await open().get(blob.digest)).toEqual(blob.bytes);
    expect(statSync(blob.path).mode & 0o777).toBe(0o600);
    for (const path of [folder, join(folder, 'blobs'), join(blob.path, '..')]) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(filesIn(folder)).toEqual([blob.path]);
  });

  test('keeps an empty blob and one with a longer digest', async () => {
    const store = open();
    const empty = blobOf('', 0);
    const long = `sha512:${hash('sha512', 'x', 'hex')}`;
    await store.put(empty.digest, empty.bytes);
    await store.put(long, Buffer.from('x'));
    expect([(await store.get(empty.digest))?.length, Buffer.from((await store.get(long))!).toString()]).toEqual([0, 'x']);
  });

  test.each([
    ['changed', (path: string) => writeFileSync(path, Buffer.alloc(KIB, 'evil'))],
    ['cut', (path: string) => truncateSync(path, 10)],
    ['longer', (path: string) => writeFileSync(path, 'more', { flag: 'a' })],
    ['huge', (path: string) => truncateSync(path, 2 ** 40)],
  ])('never returns a file that was %s, and drops it', async (_, harm) => {
    const store = open();
    const blob = blobOf(1);
    await store.put(blob.digest, blob.bytes);
    harm(blob.path);
    expect(await store.get(blob.digest)).toBeNull();
    expect(existsSync(blob.path)).toBe(false);
    await store.put(blob.digest, blob.bytes);
    expect(await store.get(blob.digest)).toEqual(blob.bytes);
  });

  test('does not follow a link to the very bytes, and does not wait for a pipe', async () => {
    const store = open();
    const [linked, piped, elsewhere] = [blobOf(1), blobOf(2), join(folder, 'elsewhere')];
    for (const blob of [linked, piped]) {
      await store.put(blob.digest, blob.bytes);
      rmSync(blob.path);
    }
    writeFileSync(elsewhere, linked.bytes);
    symlinkSync(elsewhere, linked.path);
    spawnSync('mkfifo', [piped.path]);
    expect(await store.get(linked.digest)).toBeNull();
    expect(await store.get(piped.digest)).toBeNull();
    expect([existsSync(linked.path), existsSync(piped.path)]).toEqual([false, false]);
    expect(readFileSync(elsewhere)).toEqual(linked.bytes);
  });

  test('knows no digest that could leave the folder', async () => {
    for (const digest of ['sha256:../../../etc/passwd', `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(63)}`, `md5:${'a'.repeat(32)}`, `sha256:${'a'.repeat(64)}\n`, '']) {
      await open().put(digest, Buffer.from('x'));
      expect(await open().get(digest)).toBeNull();
    }
    expect(existsSync(folder)).toBe(false);
  });
});

describe('the bound', () => {
  test('holds, and what was used last stays', async () => {
    const store = open(64 * KIB);
    const used = blobOf('used');
    await store.put(used.digest, used.bytes);
    for (let seed = 0; seed < 120; seed++) {
      utimesSync(used.path, 1, 1);
      const { digest, bytes } = blobOf(seed);
      await store.get(used.digest);
      await store.put(digest, bytes);
      expect(bytesIn(folder)).toBeLessThanOrEqual(64 * KIB);
    }
    expect(await store.get(used.digest)).toEqual(used.bytes);
    expect(await store.get(blobOf(0).digest)).toBeNull();
    expect(await store.get(blobOf(119).digest)).toEqual(blobOf(119).bytes);
  });

  test('holds over many runs that each keep little', async () => {
    for (let seed = 0; seed < 100; seed++) await open(64 * KIB).put(blobOf(seed).digest, blobOf(seed).bytes);
    expect(bytesIn(folder)).toBeLessThanOrEqual(64 * KIB);
    expect(bytesIn(folder)).toBeGreaterThan(32 * KIB);
  });

  test('refuses one blob that would push out all others', async () => {
    const [small, large] = [blobOf(1), blobOf(2, 33 * KIB)];
    const store = open(64 * KIB);
    await store.put(small.digest, small.bytes);
    await store.put(large.digest, large.bytes);
    expect([await store.get(small.digest), await store.get(large.digest)]).toEqual([small.bytes, null]);
  });

  test('survives a process that crashed with the lock and half a file', async () => {
    const store = open(16 * KIB);
    await store.put(blobOf(0).digest, blobOf(0).bytes);
    const lock = join(folder, 'blobs', 'lock');
    const half = join(blobOf(0).path, '..', '.abc.tmp');
    writeFileSync(lock, 'dead');
    writeFileSync(half, Buffer.alloc(2 * KIB));
    for (const path of [lock, half]) utimesSync(path, 1, 1);
    for (let seed = 1; seed < 40; seed++) await store.put(blobOf(seed).digest, blobOf(seed).bytes);
    expect(await store.get(blobOf(39).digest)).toEqual(blobOf(39).bytes);
    expect([existsSync(lock), existsSync(half)]).toEqual([false, false]);
    expect(bytesIn(folder)).toBeLessThanOrEqual(16 * KIB);
  });

  test('half files go an hour after a crash, and not while they are being written', async () => {
    const blob = blobOf(0);
    await open().put(blob.digest, blob.bytes);
    const [old, young] = ['.old.tmp', '.young.tmp'].map((name) => join(blob.path, '..', name)) as [string, string];
    for (const path of [old, young]) writeFileSync(path, 'half');
    utimesSync(old, 1, 1);
    await open().put(blob.digest, blob.bytes);
    expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  });

  test('another process that keeps the lock means nothing is kept, not that one waits for it', async () => {
    const store = open(16 * KIB);
    for (let seed = 0; seed < 10; seed++) await store.put(blobOf(seed).digest, blobOf(seed).bytes);
    writeFileSync(join(folder, 'blobs', 'lock'), 'alive');
    for (let seed = 10; seed < 40; seed++) await store.put(blobOf(seed).digest, blobOf(seed).bytes);
    expect(bytesIn(folder)).toBeLessThanOrEqual(16 * KIB);
    expect(readFileSync(join(folder, 'blobs', 'lock'), 'utf8')).toBe('alive');
  });

  test('holds for several processes at once, none of which ever reads a wrong blob', async () => {
    const script = join(root, 'child.mjs');
    writeFileSync(script, childSource());
    const children = Array.from({ length: 4 }, (_, index) => fork(script, [folder, String(index)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    const outcomes = await Promise.all(children.map(outcomeOf));
    expect(outcomes.filter(({ code, wrong, kept }) => code !== 0 || wrong !== 0 || kept <= 0)).toEqual([]);
    expect(bytesIn(folder)).toBeLessThanOrEqual(256 * KIB);
    expect(filesIn(folder).filter((path) => path.endsWith('.tmp'))).toEqual([]);
    for (const file of filesIn(folder)) expect(hash('sha256', readFileSync(file), 'hex')).toBe(file.slice(-64));
  });
});

describe('a folder that is not safe is not used', () => {
  test.each([
    ['may be written by group', (path: string) => chmodSync(path, 0o770)],
    ['may be written by others', (path: string) => chmodSync(path, 0o707)],
    ['is a link', (path: string) => {
      rmSync(path, { recursive: true });
      mkdirSync(`${path}-real`, { mode: 0o700 });
      symlinkSync(`${path}-real`, path);
    }],
    ...(process.getuid?.() === 0 ? [['belongs to somebody else', (path: string) => chownSync(path, 12_345, 12_345)] as const] : []),
  ] as const)('because it %s', async (_, harm) => {
    const blob = blobOf(1);
    await open().put(blob.digest, blob.bytes);
    for (const path of [join(blob.path, '..'), join(folder, 'blobs'), folder]) {
      harm(path);
      await open().put(blob.digest, blob.bytes);
      expect(await open().get(blob.digest)).toBeNull();
      rmSync(folder, { recursive: true });
      await open().put(blob.digest, blob.bytes);
      expect(await open().get(blob.digest)).toEqual(blob.bytes);
    }
  });

  test('or cannot be made', async () => {
    writeFileSync(join(root, 'file'), '');
    for (const place of [join(root, 'file'), join(root, 'file', 'below'), '/proc/none/such', '/dev/full']) {
      const store = openBlobStore(place, { maxBytes: KIB * KIB });
      await store.put(blobOf(1).digest, blobOf(1).bytes);
      expect(await store.get(blobOf(1).digest)).toBeNull();
    }
  });
});

interface Outcome {
  readonly code: number | null;
  readonly wrong: number;
  readonly kept: number;
}

function outcomeOf(child: ReturnType<typeof fork>): Promise<Outcome> {
  let report = { wrong: -1, kept: -1 };
  child.on('message', (message) => (report = message as typeof report));
  return new Promise((resolve) => child.on('exit', (code) => resolve({ code, ...report })));
}

/** Each writes and reads the same sixty blobs in its own order, several times what the bound allows. */
function childSource(): string {
  return `
    import { hash } from 'node:crypto';
    import { openBlobStore } from ${JSON.stringify(new URL('blob-store.ts', import.meta.url).href)};
    const [folder, index] = process.argv.slice(2);
    const store = openBlobStore(folder, { maxBytes: ${256 * KIB} });
    const report = { wrong: 0, kept: 0 };
    for (let step = 0; step < 240; step++) {
      const bytes = Buffer.alloc(${8 * KIB}, 'blob ' + ((step * (Number(index) * 2 + 7)) % 60));
      const digest = 'sha256:' + hash('sha256', bytes, 'hex');
      const had = await store.get(digest);
      if (had && !bytes.equals(had)) report.wrong++;
      if (had) report.kept++;
      else await store.put(digest, bytes);
    }
    process.send(report, () => process.exit(0));
  `;
}
