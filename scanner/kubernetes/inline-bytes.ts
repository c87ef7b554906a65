import { decodeBase64 } from '../base64.ts';
import { type CarrierContext, storeFields, type StoreKind } from './carriers-set.ts';
import { type CarrierParts } from './carriers-make.ts';
import { type Node, pathOf } from './grants-node.ts';

/** What one value of a ConfigMap or Secret holds. */
export interface HeldBytes {
  /** The module as its reader gets it; null: bad base64. */
  readonly bytes: Uint8Array | null;
  /** Its first bytes or words say that it is Wasm. */
  readonly certain: boolean;
  /** Its key says so. */
  readonly named: boolean;
  /** The value as text, where it may be configuration. */
  readonly text: string | null;
}

const MAGIC = '\0asm';
const WAT = /^(?:\s|;;[^\n]*\n|\(;(?:[^;]|;(?!\)))*;\))*\(\s*(?:module|component)[\s()$"]/;
const BASE64_MAGIC = /^\s*AGFzb/;
const WASM_KEY = /\.(?:c?wasm|wat)(?:\.(?:gz|zst|xz|br|b64|base64))?$/i;
/** Characters at the beginning that are looked at for the text format. */
const HEAD = 4_096;

/**
 * Looks at one value of a ConfigMap or Secret: `data` and `stringData` of text, `binaryData` and `data` of a Secret of base64.
 * @returns null for values that are no text
 */
function heldBytes(node: Node, kind: StoreKind): HeldBytes | null {
  const { value, key, up } = node;
  if (typeof value !== 'string') return null;
  const encoded = up?.key === 'binaryData' || (kind === 'Secret' && up?.key === 'data');
  const named = WASM_KEY.test(key);
  if (!encoded) return { ...textual(value, named), named };
  const bytes = decodeBase64(value);
  if (bytes === null) return { bytes: null, certain: false, named, text: null };
  if (startsWithMagic(bytes)) return { bytes, certain: true, named, text: null };
  const text = utf8(bytes);
  if (text === null) return { bytes: named ? bytes : null, certain: false, named, text: '' };
  return { ...textual(text, named), named };
}

const STORES = new WeakMap<object, ReadonlyMap<string, HeldBytes>>();

/** What a ConfigMap or Secret holds by key; read once, however many pods mount it. Only what is Wasm or is named so. */
export function modulesIn(store: object, kind: StoreKind): ReadonlyMap<string, HeldBytes> {
  const known = STORES.get(store);
  if (known !== undefined) return known;
  const held = new Map<string, HeldBytes>();
  for (const node of storeFields(store)) {
    const found = heldBytes(node, kind);
    if (found !== null && found.bytes !== null && (found.certain || found.named)) held.set(node.key, found);
  }
  STORES.set(store, held);
  return held;
}

/**
 * A carrier for the module that a value holds, and a fault for base64 that nobody can read where it means to be a module: elsewhere it is
 * a placeholder like any other (`${PASSWORD}`), and no API server takes it.
 */
export function inlineCarrier(node: Node, kind: StoreKind, context: CarrierContext): { readonly carrier: Pick<CarrierParts, 'reference' | 'scheme' | 'certain' | 'bytes' | 'signals'> | null; readonly fault: string | null; readonly text: string | null } {
  const held = heldBytes(node, kind);
  if (held === null) return { carrier: null, fault: null, text: null };
  if (held.bytes === null) return { carrier: null, fault: held.text === null && (held.named || BASE64_MAGIC.test(String(node.value))) ? `The value at ${pathOf(node).slice(0, 200)} is no base64` : null, text: held.text };
  if (!held.certain && !held.named) return { carrier: null, fault: null, text: held.text };
  const signals = held.certain ? ['bytes of Wasm'] : [`key ${node.key.slice(0, 100)}`];
  return { carrier: { reference: `sha256:${context.tools.hash(held.bytes)}`, scheme: 'inline', certain: held.certain, bytes: held.bytes, signals }, fault: null, text: null };
}

function textual(text: string, named: boolean): Omit<HeldBytes, 'named'> {
  if (text.startsWith(MAGIC)) return { bytes: new TextEncoder().encode(text), certain: true, text: null };
  if (BASE64_MAGIC.test(text.slice(0, 64))) return { bytes: decodeBase64(text), certain: true, text: null };
  const wat = WAT.test(text.slice(0, HEAD));
  // Text that is neither and only has the name of a module is left to whoever reads configuration, and to the judge of unknown bytes.
  if (wat || named) return { bytes: new TextEncoder().encode(text), certain: wat, text: null };
  return { bytes: null, certain: false, text };
}

function startsWithMagic(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && String.fromCharCode(...bytes.subarray(0, 4)) === MAGIC;
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
