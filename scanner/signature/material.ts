import { Buffer } from 'node:buffer';
import { X509Certificate } from 'node:crypto';
import type { KeyDemand, SourceDemand } from '../signature-demand.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { VerificationKey } from './authority.ts';
import { parsePublicKey, parseWasmKey } from './keys.ts';

/** An object of a cluster that holds text. */
export interface ObjectReference {
  readonly kind: 'secret' | 'configMap';
  readonly name: string;
  /** null: that of the policy. */
  readonly namespace: string | null;
  /** null: the only one it has. */
  readonly key: string | null;
}

/** Where keys, certificates and trust roots are read from, as the shell lends it. */
export interface MaterialSources {
  /** Content of a file, named as the policy names it: relative to the policy. May throw; its message is shown. */
  readonly file: (path: string) => Uint8Array;
  /** Content of one entry of a Secret or ConfigMap; left out: there is no cluster to ask. May throw. */
  readonly object?: (reference: ObjectReference) => Uint8Array;
}

/** Something that a policy names and that cannot be used, with where it was to come from. */
export class MaterialError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'MaterialError';
  }
}

/** Reads one source whole, as far as it is no larger than a trust root may be. Throws MaterialError. */
export function readSource(source: SourceDemand, { file, object }: MaterialSources): Uint8Array {
  const place = placeOf(source);
  const bytes = attempt(place, () => {
    if (source.from === 'data') return Buffer.from(source.text, 'utf8');
    if (source.from === 'file') return file(source.path);
    if (object === undefined) throw new Error('There is no cluster here to read it from: use file or data');
    return object({ kind: source.from, name: source.name, namespace: source.namespace, key: source.key });
  });
  if (bytes.length > LIMITS.trustRootBytes) throw new MaterialError(`${place}: it has ${bytes.length} bytes, and at most ${LIMITS.trustRootBytes} are read`);
  return bytes;
}

/** One public key. Throws MaterialError with what it is instead of a key. */
export function readKey({ source, hash }: KeyDemand, sources: MaterialSources): VerificationKey {
  const bytes = readSource(source, sources);
  return attempt(placeOf(source), () => parsePublicKey(Buffer.from(bytes).toString('utf8'), hash ?? undefined));
}

/** One key for signatures inside modules, in any of its forms. Throws MaterialError. */
export function readWasmKey({ source }: KeyDemand, sources: MaterialSources): VerificationKey {
  const bytes = readSource(source, sources);
  return attempt(placeOf(source), () => parseWasmKey(source.from === 'data' ? source.text : bytes));
}

const BLOCKS = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[\s\S]*?-----END \1-----/g;

/** The certificates of a PEM text, at least one and nothing else. Throws MaterialError. */
export function readCertificates(source: SourceDemand, sources: MaterialSources): readonly X509Certificate[] {
  const place = placeOf(source);
  const text = Buffer.from(readSource(source, sources)).toString('utf8');
  const blocks = [...text.matchAll(BLOCKS)];
  const other = blocks.find(([, label]) => label !== 'CERTIFICATE');
  if (other !== undefined) throw new MaterialError(`${place}: it holds ${other[1]!.includes('PRIVATE') ? 'a private key, which has no place in a policy' : `a block ${other[1]!}`}: give certificates in PEM alone`);
  if (blocks.length === 0) throw new MaterialError(`${place}: it holds no certificate in PEM: give blocks that begin with -----BEGIN CERTIFICATE-----`);
  if (blocks.length > LIMITS.trustRootItems) throw new MaterialError(`${place}: it holds ${blocks.length} certificates, and at most ${LIMITS.trustRootItems} are read`);
  return blocks.map(([block], index) => attempt(`${place}, certificate ${index + 1}`, () => new X509Certificate(block)));
}

/** As messages name a source. */
export function placeOf(source: SourceDemand): string {
  if (source.from === 'data') return 'data';
  if (source.from === 'file') return `file ${source.path}`;
  return `${source.from === 'secret' ? 'Secret' : 'ConfigMap'} ${source.name}`;
}

/** Runs it and says where it failed. Throws MaterialError. */
export function attempt<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof MaterialError) throw error;
    throw new MaterialError(`${place}: ${error instanceof Error ? error.message.split('\n')[0]! : 'unknown reason'}`, error);
  }
}
