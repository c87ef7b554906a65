import type { Carrier, CarrierRole, Scheme } from '../carrier.ts';
import type { Grant, Setting } from '../grant.ts';
import { type Loose, type Node, sorted, textOf } from './grants-node.ts';

/** Where something stands that was found inside an object, before files and lines are known. */
export interface InnerPlace {
  /** RFC 6901 pointer of the outermost value in the document: of the string, where it stands inside one. */
  readonly pointer: string;
  /** UTF-16 offset inside that string; null: the value at the pointer itself. */
  readonly offset: number | null;
}

/** A grant or setting with its place inside the object. */
export type Inner<T> = Omit<T, 'place'> & InnerPlace;

/** A reference found by its shape, with what surrounds it. */
export interface Find extends InnerPlace {
  /** The text as written; of inline bytes '', as the object holds them itself. */
  readonly reference: string;
  readonly scheme: Scheme;
  readonly hash: { readonly text: string; readonly of: 'bytes' | 'manifest' | 'either' } | null;
  readonly role: CarrierRole;
  readonly certain: boolean;
  readonly host: Carrier['host'];
  /** Why it looks like Wasm, for people: `vm_config.code.local.filename`. */
  readonly signals: readonly string[];
  readonly grants: readonly Inner<Grant>[];
  readonly settings: readonly Inner<Setting>[];
  /** Of scheme inline, where the text holds them and they could be read. */
  readonly bytes?: Uint8Array;
}

/** A tree of values and how its places are told. */
export interface Tree {
  readonly root: Node;
  /** Place of a value, or of a character inside a text. */
  readonly place: (at: Node, inside: number | null) => InnerPlace;
}

/** A find and the node of its reference, so that no other reading of the same text lists it again. */
export interface ShapeFind {
  readonly at: Node;
  readonly find: Find;
}

/** What one find is made of; the rest has defaults. */
export interface FindParts extends Partial<Pick<Find, 'reference' | 'role' | 'certain' | 'host' | 'hash' | 'signals' | 'bytes'>> {
  /** Where the reference stands inside the text, if not at its beginning. */
  readonly inside?: number;
  readonly scheme: Scheme;
  readonly concerns?: Iterable<Loose<Grant> | Loose<Setting>>;
}

/** Makes a find of the text at a node. */
export function findAt(tree: Tree, at: Node, { concerns, inside, ...parts }: FindParts): Find {
  const { grants, settings } = sorted(concerns ?? []);
  return {
    ...tree.place(at, inside ?? null),
    reference: textOf(at) ?? '',
    hash: null,
    role: 'module',
    certain: true,
    host: null,
    signals: [],
    ...parts,
    grants: grants.map((one) => inner(tree, one)),
    settings: settings.map((one) => inner(tree, one)),
  };
}

/** The same, with the node. */
export function shapeFind(tree: Tree, at: Node, parts: FindParts): ShapeFind {
  return { at, find: findAt(tree, at, parts) };
}

/** How a text is to be read: its own scheme decides, `otherwise` where it has none. Kubewarden's `registry://` is an image. */
export function schemeOf(text: string, otherwise: Scheme): Scheme {
  const scheme = /^\s*([a-z][a-z0-9+.-]{0,20}):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return 'http';
  if (scheme === 'oci' || scheme === 'registry' || scheme === 'docker') return 'oci';
  return scheme === 'file' ? 'file' : otherwise;
}

/** The hash field of a reference, where one is written. */
export function hashAt(node: Node, of: 'bytes' | 'manifest' | 'either'): Find['hash'] {
  const text = textOf(node);
  return text === null || text === '' ? null : { text, of };
}

function inner<T>(tree: Tree, { at, ...rest }: { readonly at: Node } & T): Omit<T, 'at'> & InnerPlace {
  return { ...rest, ...tree.place(at, null) };
}
