import { LIMITS } from '../wasm/limits.ts';
import { readOneYaml } from '../yaml.ts';
import { nodeAt, rootNode } from './grants-node.ts';
import type { ManifestFault, ManifestObject } from './object.ts';
import { readBlock } from './read-block.ts';
import type { ReadDocument, TextFault } from './read-document.ts';
import { offsetsInside } from './read-inside.ts';
import { readJson } from './read-json.ts';
import { placesOf } from './read-lines.ts';
import { type ObjectParts, objectsIn } from './read-objects.ts';
import { type Chunk, splitDocuments } from './read-split.ts';

/** What a file of manifests holds. Documents that are no Kubernetes object are in neither list. */
export interface ReadManifests {
  readonly objects: readonly ManifestObject[];
  readonly faults: readonly ManifestFault[];
}

type Places = Pick<ManifestObject, 'positionOf' | 'positionInside'>;

/**
 * Reads every Kubernetes object of a YAML or JSON text: several documents, lists, and what kustomize and helm print. `file` is how the
 * places are named. A document that cannot be read is a fault and hides no other. Never throws.
 */
export function readManifests(text: string, file: string): ReadManifests {
  if (text.length > LIMITS.kubernetesText) {
    return { objects: [], faults: [{ file, document: null, line: 1, column: 1, message: `The text has more than ${LIMITS.kubernetesText} characters` }] };
  }
  const clean = cleanText(text);
  const positionAt = placesOf(clean);
  const objects: ManifestObject[] = [];
  const faults: ManifestFault[] = [];
  let number = 0;
  const fault = ({ offset, message }: TextFault): unknown => faults.push({ file, document: number, message, ...positionAt(offset) });
  for (const chunk of splitDocuments(clean)) {
    const read = readChunk(clean, chunk);
    for (const { value, offsetOf } of read.documents) {
      const { found, wrong } = objectsIn(value);
      const places = placesIn(clean, { value, offsetOf }, positionAt);
      for (const parts of found) objects.push(manifestObject(parts, { file, document: number, ...places }));
      for (const { pointer, message } of wrong) fault({ offset: offsetOf(pointer), message });
      number++;
    }
    for (const one of read.faults) fault(one);
    if (read.documents.length === 0 || read.faults.length > 0) number++;
    if (number < LIMITS.kubernetesDocuments) continue;
    if (clean.slice(chunk.end).trim() !== '') fault({ offset: chunk.end, message: `The text has more than ${LIMITS.kubernetesDocuments} documents` });
    break;
  }
  return { objects, faults };
}

/**
 * Cheap: whether a text is worth reading as manifests, when nobody named it as such. True for each text with a Kubernetes object at the
 * top of a document; source code, documentation, and templates of Helm charts are left out where they show it.
 */
export function looksLikeManifests(text: string): boolean {
  const first = /[^\s\ufeff]/.exec(text)?.[0];
  if (first === '{' || first === '[') return (text.includes('apiVersion') && text.includes('kind')) || /\\u00[4-7]/.test(text);
  const key = /(?:^|[\r\n])\ufeff?[ ]{0,8}(?:--- |- )?["']?apiVersion["']?[ \t]*:(?:[ \t\r\n]|$)/.exec(text);
  if (key === null || !/(?:^|[\r\n])\ufeff?[ ]{0,8}(?:--- |- )?["']?kind["']?[ \t]*:(?:[ \t\r\n]|$)/.test(text)) return /(?:^|\n)(?:---[ \t]*)?\{[^\n]*["']?apiVersion["']?/.test(text);
  // A fence of Markdown can stand in no YAML document before its keys.
  return !/(?:^|\n)```/.test(text.slice(0, key.index));
}

/** Without byte order mark; a lone carriage return ends a line for every reader of YAML, but not for all readers of text. */
function cleanText(text: string): string {
  const start = text.startsWith('\ufeff') ? text.slice(1) : text;
  return start.includes('\r') ? start.replace(/\r(?!\n)/g, '\n') : start;
}

interface ReadChunk {
  readonly documents: readonly ReadDocument[];
  readonly faults: readonly TextFault[];
}

function readChunk(text: string, { start, end }: Chunk): ReadChunk {
  const source = text.slice(start, end);
  const lead = leadOf(source);
  const json = source[lead] === '{' || source[lead] === '[' ? readJson(source.slice(lead)) : null;
  if (json !== null) return moved({ documents: json.documents, faults: json.fault === null ? [] : [json.fault] }, start + lead);
  const value = readBlock(source);
  if (value !== undefined) {
    // Places are asked for few documents, and only the library knows them.
    let offsetOf: ReadDocument['offsetOf'] | null = null;
    return moved({ documents: [{ start: 0, value, offsetOf: (pointer) => (offsetOf ??= readOneYaml(source).offsetOf)(pointer) }], faults: [] }, start);
  }
  return moved(readYamlChunk(source), start);
}

/** The length of what stands before the content: the marker, blanks and comments. */
function leadOf(source: string): number {
  const blank = /[ \t\r\n]*(?:#[^\n]*)?/y;
  blank.lastIndex = /^---(?=[ \t\r\n]|$)/.test(source) ? 3 : 0;
  for (let before = -1; before < blank.lastIndex && blank.lastIndex < source.length; blank.exec(source)) before = blank.lastIndex;
  return blank.lastIndex;
}

function moved({ documents, faults }: ReadChunk, by: number): ReadChunk {
  return {
    documents: documents.map(({ start, value, offsetOf }) => ({ start: start + by, value, offsetOf: (pointer) => offsetOf(pointer) + by })),
    faults: faults.map(({ offset, message }) => ({ offset: offset + by, message })),
  };
}

/** Line ends of YAML 1.1 that YAML 1.2 reads as text: what one reader takes for a comment is a field for the other. */
const OTHER_LINE_ENDS = /[\u0085\u2028\u2029]/;

function readYamlChunk(source: string): ReadChunk {
  const { value, faults, offsetOf } = readOneYaml(source);
  const otherEnd = OTHER_LINE_ENDS.exec(source);
  const template = source.indexOf('{{');
  if (faults.length > 0 && template >= 0) return { documents: [], faults: [{ offset: template, message: 'The document is a template that was not rendered ({{ }}); render it first, for example with helm template' }] };
  if (faults.length > 0) return { documents: [], faults: [faults[0]!] };
  if (otherEnd !== null) return { documents: [], faults: [{ offset: otherEnd.index, message: 'The document holds a line separator (U+0085, U+2028 or U+2029) that some readers take for the end of a line' }] };
  return { documents: [{ start: 0, value, offsetOf }], faults: [] };
}

function placesIn(text: string, { value, offsetOf }: Pick<ReadDocument, 'value' | 'offsetOf'>, positionAt: ReturnType<typeof placesOf>): Places {
  // One text is asked for many of its characters, one after another.
  let last: { readonly pointer: string; readonly offsetAt: (offset: number) => number } | null = null;
  const inside = (pointer: string): NonNullable<typeof last> => {
    const start = offsetOf(pointer);
    const held = nodeAt(rootNode(value), pointer).value;
    return { pointer, offsetAt: typeof held === 'string' ? offsetsInside(text, start, held) : () => start };
  };
  return {
    positionOf: (pointer) => positionAt(offsetOf(pointer)),
    positionInside: (pointer, offset) => {
      if (last?.pointer !== pointer) last = inside(pointer);
      return positionAt(last.offsetAt(offset));
    },
  };
}

function manifestObject({ base, value, apiVersion, kind }: ObjectParts, rest: Places & Pick<ManifestObject, 'file' | 'document'>): ManifestObject {
  const metadata = Object.hasOwn(value, 'metadata') ? (value['metadata'] as Record<string, unknown> | null) : null;
  const text = (key: string): string | null => {
    const found: unknown = typeof metadata === 'object' && metadata !== null && Object.hasOwn(metadata, key) ? metadata[key] : null;
    return typeof found === 'string' && found !== '' ? found : null;
  };
  return { ...rest, base, apiVersion, kind, name: text('name') ?? text('generateName') ?? '', namespace: text('namespace'), value };
}
