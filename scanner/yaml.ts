import { Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments, parseDocument, Scalar, visit, type Node, type YAMLMap } from 'yaml';

/** A place in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something that is no YAML, and where. */
export interface YamlFault extends Position {
  readonly message: string;
}

/** One document of a text. */
export interface YamlDocument {
  readonly value: unknown;
  /** Place of the value at an RFC 6901 pointer, or of the nearest thing around it. */
  readonly positionOf: (pointer: string) => Position;
  /** Place of the key that a pointer ends with. */
  readonly positionOfKey: (pointer: string) => Position;
  /** Place of a character inside the text at a pointer; its beginning where the text is not written as it reads. */
  readonly positionInside: (pointer: string, offset: number) => Position;
}

/** What one YAML document holds, with places as UTF-16 offsets from the start of its text. */
export interface OneYamlDocument {
  /** undefined where there are faults. */
  readonly value: unknown;
  readonly faults: readonly { readonly offset: number; readonly message: string }[];
  /** Where the value at an RFC 6901 pointer begins, or the nearest thing around it. */
  readonly offsetOf: (pointer: string) => number;
}

/** UTF-16 code units of a text of several documents. */
const TEXT_LENGTH = 1 << 19;
/** Expansions of aliases in one document; a policy needs none. */
const ALIASES = 100;
/** In a document whose merge keys count; generated ones share some hundred settings. */
const MERGED_ALIASES = 1_000;

/** Reads every document of a YAML 1.2 (or JSON) text of at most `length` UTF-16 code units. Repeated keys and unknown tags are faults. Never throws. */
export function readYaml(text: string, length = TEXT_LENGTH): { readonly documents: readonly YamlDocument[]; readonly faults: readonly YamlFault[] } {
  if (text.length > length) return { documents: [], faults: [{ line: 1, column: 1, message: `The file has more than ${length} characters` }] };
  const lines = new LineCounter();
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const parsed = parseAllDocuments(text, { version: '1.2', schema: 'core', lineCounter: lines, uniqueKeys: false, strict: true, prettyErrors: false });
    const all = 'empty' in parsed ? [] : parsed;
    const faults = all.flatMap((document) => [
      ...[...document.errors, ...document.warnings].map(({ pos, message }) => ({ ...place(pos[0]), message: sentence(message) })),
      ...keyFaults(document).map(({ offset, message }) => ({ ...place(offset), message })),
    ]);
    return { documents: faults.length > 0 ? [] : all.filter(({ contents }) => contents !== null && !isEmpty(contents)).map((document) => reader(document, text, place)), faults };
  } catch (error) {
    return { documents: [], faults: [{ line: 1, column: 1, message: sentence(thrown(error)) }] };
  }
}

/**
 * Reads a text that holds one YAML 1.2 document at most, with merge keys (`<<`), as Kubernetes tools do. Repeated keys, unknown tags,
 * and more than one document are faults. The caller bounds the length. Never throws.
 */
export function readOneYaml(text: string): OneYamlDocument {
  const faulty = (faults: OneYamlDocument['faults']): OneYamlDocument => ({ value: undefined, faults, offsetOf: () => 0 });
  try {
    const document = parseDocument(text, { version: '1.2', schema: 'core', merge: true, uniqueKeys: false, strict: true, prettyErrors: false, logLevel: 'error' });
    const faults = [...[...document.errors, ...document.warnings].map(({ pos, message }) => ({ offset: pos[0], message: sentence(message) })), ...keyFaults(document), ...tagFaults(document)];
    if (faults.length > 0) return faulty(faults);
    return { value: document.toJS({ maxAliasCount: MERGED_ALIASES }) as unknown, faults, offsetOf: (pointer) => startOf(nodeAt(document, pointer)) };
  } catch (error) {
    return faulty([{ offset: 0, message: sentence(thrown(error)) }]);
  }
}

/** Comments of a YAML text to write, by RFC 6901 pointer. Several lines stand above, one line behind the value. */
export interface YamlComments {
  readonly above: Readonly<Record<string, string>>;
  readonly behind: Readonly<Record<string, string>>;
}

/** Everything that YAML readers or editors could take for something else than text. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A YAML text of plain data with comments. What could hide or reorder text is written as an escape; comments must be free of it. */
export function writeYaml(value: unknown, { above, behind }: YamlComments): string {
  const document = new Document(value, { version: '1.2', schema: 'core' });
  visit(document, { Scalar: (_key, node) => {
    if (typeof node.value === 'string' && node.value.search(UNPRINTABLE) >= 0) node.type = Scalar.QUOTE_DOUBLE;
  } });
  for (const [pointer, text] of Object.entries(above)) commentAbove(document, parts(pointer), text);
  for (const [pointer, text] of Object.entries(behind)) {
    const node = document.getIn(parts(pointer), true);
    if (isNode(node)) node.comment = ` ${text}`;
  }
  return document.toString({ lineWidth: 0 }).replaceAll(UNPRINTABLE, escaped);
}

function commentAbove(document: Document, path: readonly string[], text: string): void {
  const lines = text.split('\n').map((line) => ` ${line}`).join('\n');
  const parent = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = isMap(parent) ? parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === path.at(-1))?.key : document.getIn(path, true);
  if (path.length === 0) document.commentBefore = lines;
  else if (isNode(key)) key.commentBefore = lines;
}

/** YAML's escapes, inside double quotes. */
function escaped(found: string): string {
  const code = found.codePointAt(0)!;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Tags that change nothing for any reader. */
const PLAIN_TAGS: ReadonlySet<string> = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq', 'merge'].map((name) => `tag:yaml.org,2002:${name}`));

/** Values with a tag that readers take differently: what is bytes for one is the text they spell for another. */
function tagFaults(document: Document): readonly { readonly offset: number; readonly message: string }[] {
  const faults: { offset: number; message: string }[] = [];
  visit(document, { Node: (_key, { tag, range }) => {
    if (tag !== undefined && !PLAIN_TAGS.has(tag)) faults.push({ offset: range?.[0] ?? 0, message: `Tag ${tag.slice(0, 80)} is read in different ways` });
  } });
  return faults;
}

/** The library throws for nesting beyond the stack and for alias bombs; both are the text's fault. */
function thrown(error: unknown): string {
  return error instanceof RangeError ? 'the file is nested too deeply' : (error as Error).message;
}

/** Repeated keys and keys that are no text. The library's own search takes time that grows with the square of the keys. */
function keyFaults(document: Document): readonly { readonly offset: number; readonly message: string }[] {
  const faults: { offset: number; message: string }[] = [];
  const visitMap = (map: YAMLMap): void => {
    const seen = new Set<string>();
    for (const { key } of map.items) {
      const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
      const name = isScalar(key) ? String(key.value) : null;
      if (name === null) faults.push({ offset, message: 'A key must be plain text' });
      else if (seen.has(name)) faults.push({ offset, message: `Key ${name.slice(0, 80)} is written twice` });
      else seen.add(name);
    }
  };
  visit(document, { Map: (_key, map) => visitMap(map) });
  return faults;
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function sentence(message: string): string {
  const line = message.split('\n')[0]!.slice(0, 200).replace(/[.:]$/, '');
  return line.charAt(0).toUpperCase() + line.slice(1);
}

function reader(document: Document, text: string, place: (offset: number) => Position): YamlDocument {
  return {
    value: document.toJS({ maxAliasCount: ALIASES }) as unknown,
    positionOf: (pointer) => place(startOf(nodeAt(document, pointer))),
    positionOfKey: (pointer) => place(keyOffset(document, parts(pointer)) ?? startOf(nodeAt(document, pointer))),
    positionInside: (pointer, offset) => {
      const node = nodeAt(document, pointer);
      const inside = node !== null && isScalar(node) && typeof node.value === 'string' ? text.indexOf(node.value, startOf(node)) : -1;
      return place(inside >= 0 && inside <= startOf(node) + 1 ? inside + offset : startOf(node));
    },
  };
}

function nodeAt(document: Document, pointer: string): Node | null {
  for (let path = parts(pointer); ; path = path.slice(0, -1)) {
    const node = (path.length === 0 ? document.contents : document.getIn(path, true)) as Node | null | undefined;
    if (path.length === 0 || (node !== null && node !== undefined && typeof node === 'object' && 'range' in node)) return node ?? null;
  }
}

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

function keyOffset(document: Document, path: readonly string[]): number | null {
  const parent = path.length <= 1 ? document.contents : (document.getIn(path.slice(0, -1), true) as Node | undefined);
  if (!isMap(parent)) return null;
  const pair = (parent).items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1));
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? null) : null;
}

function parts(pointer: string): string[] {
  return pointer === '' ? [] : pointer.slice(1).split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
