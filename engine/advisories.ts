import { words } from '../scanner/words.ts';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageKey, type Advisory, type OsvEcosystem, type PackageName } from '../scanner/advisories/advisory.ts';
import { AdvisoryError, readOsv } from '../scanner/advisories/osv.ts';
import { bytesAccess, fileAccess } from '../scanner/artifact/image/archive-source.ts';
import { Meter, newBudget } from '../scanner/artifact/image/decompress.ts';
import { readZip } from '../scanner/artifact/image/zip.ts';
import type { AdvisorySource } from '../scanner/scan-context.ts';
import { compareText } from '../scanner/compare-text.ts';
import { LIMITS } from '../scanner/wasm/limits.ts';
import { sha256 } from './hash.ts';
import { UsageError } from './usage-error.ts';

/** One record of the data, read when it is needed. */
interface StoredRecord {
  readonly name: string;
  readonly read: () => Uint8Array;
}

interface Source {
  /** Below the folder, with slashes. */
  readonly path: string;
  readonly full: string;
  readonly kind: 'json' | 'zip';
  /** The ecosystem that a folder or archive of this name holds alone; null: any. */
  readonly ecosystem: string | null;
}

/** Folders and archives that are named after an ecosystem hold nothing else, and wait until it is asked for. */
const NAMED: readonly OsvEcosystem[] = ['crates.io', 'Go', 'npm', 'PyPI'];

/**
 * Advisories in an OSV export: a folder of JSON records or zip archives of them, at any depth, or one such file. Its records are read
 * when a package of their ecosystem is first asked for. Throws UsageError where there is nothing of the kind.
 */
export function openAdvisories(path: string, shown: string): AdvisorySource {
  const { sources, identity } = attempt(shown, () => listed(path));
  if (sources.length === 0) throw new UsageError(`No advisories in ${shown}`, 'Give a folder with an OSV export: JSON files, or a zip for each ecosystem');
  const groups = Map.groupBy(sources, ({ ecosystem }) => ecosystem ?? '');
  const loaded = new Map<string, Loaded>();
  const load = (ecosystem: string): Index => {
    const known = loaded.get(ecosystem) ?? loadAll(groups.get(ecosystem) ?? []);
    loaded.set(ecosystem, known);
    if ('error' in known) throw known.error;
    return known;
  };
  return {
    identity,
    async find(packages) {
      const wanted = new Set<string>(['', ...packages.map(({ ecosystem }) => ecosystem)]);
      return readAll([...wanted].map(load), packages);
    },
  };
}

function attempt<T>(shown: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UsageError(`Cannot read advisories in ${shown}: ${words(error)}`);
  }
}

/** Files of the export in the order of their names, and what tells this state of them from another. */
function listed(path: string): { readonly sources: readonly Source[]; readonly identity: string } {
  const files = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => ({ full: join(path, name), below: name.replaceAll('\\', '/') })) : [{ full: path, below: path.replace(/^.*[/\\]/, '') }];
  const sources: Source[] = [];
  const states: string[] = [];
  for (const { full, below } of files.toSorted((a, b) => compareText(a.below, b.below))) {
    const kind = below.endsWith('.json') ? 'json' : below.endsWith('.zip') ? 'zip' : null;
    if (kind === null || /(?:^|\/)\./.test(below)) continue;
    const state = statSync(full, { bigint: true });
    if (!state.isFile()) continue;
    if (sources.length >= LIMITS.advisoryRecords) throw new Error(`More than ${LIMITS.advisoryRecords} files`);
    sources.push({ path: below, full, kind, ecosystem: ecosystemOf(below) });
    states.push([below, state.size, state.mtimeNs, state.ctimeNs].join('\0'));
  }
  return { sources, identity: sha256([path, ...states].join('\n')) };
}

function ecosystemOf(below: string): string | null {
  const parts = below.replace(/\.zip$/, '').split('/');
  return NAMED.find((name) => parts.includes(name)) ?? null;
}

/** Records by package. The text of a record is let go again: an ecosystem has hundreds of thousands. */
type Index = ReadonlyMap<string, readonly StoredRecord[]>;
/** What could not be read once is not tried again for the next artifact. */
type Loaded = Index | { readonly error: unknown };

function loadAll(sources: readonly Source[]): Loaded {
  try {
    return indexOf(sources);
  } catch (error) {
    return { error };
  }
}

function indexOf(sources: readonly Source[]): Index {
  const index = new Map<string, StoredRecord[]>();
  let count = 0;
  for (const source of sources) {
    for (const record of recordsOf(source)) {
      if (++count > LIMITS.advisoryRecords) throw new AdvisoryError(`More than ${LIMITS.advisoryRecords} records of advisories`);
      addTo(index, record);
    }
  }
  return index;
}

function addTo(index: Map<string, StoredRecord[]>, record: StoredRecord): void {
  for (const key of new Set(parsed(record).affected.map(packageKey))) {
    const known = index.get(key);
    if (known) known.push(record);
    else index.set(key, [record]);
  }
}

function recordsOf({ path, full, kind }: Source): Iterable<StoredRecord> {
  if (kind === 'json') return [{ name: path, read: () => bounded(full, path) }];
  const file = fileAccess(full, path);
  // Hundreds of thousands of records are read one by one, each with three reads of the file.
  const access = file.size <= LIMITS.nestedZipBytes ? bytesAccess(file.read(0, file.size)) : file;
  // An export is the user's own choice, and its records compress well: the budget of an image, without the ratio of a layer.
  const meter = new Meter(path, newBudget());
  meter.read(Infinity);
  const entries = readZip(access, meter, path).filter((entry) => !entry.directory && entry.path.endsWith('.json'));
  return entries.map((entry) => ({ name: `${path}!/${entry.path}`, read: () => entry.whole(LIMITS.advisoryBytes) }));
}

function bounded(full: string, path: string): Uint8Array {
  const { size } = statSync(full);
  if (size > LIMITS.advisoryBytes) throw new AdvisoryError(`Not read: ${path} is larger than the limit of ${LIMITS.advisoryBytes} bytes`);
  return readFileSync(full);
}

const strict = new TextDecoder('utf-8', { fatal: true });

function parsed({ name, read }: StoredRecord): Advisory {
  const bytes = read();
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    throw new AdvisoryError(`Not an OSV record: ${name}: No UTF-8`);
  }
  return readOsv(text, name);
}

/** Every record once. Of two with one id both count, because the older copy may not know the version that is asked about. */
function readAll(indices: readonly Index[], packages: readonly PackageName[]): Advisory[] {
  const records = new Set<StoredRecord>();
  for (const named of packages) for (const index of indices) for (const record of index.get(packageKey(named)) ?? []) records.add(record);
  return [...records].map(parsed);
}
