import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Carrier } from '../carrier.ts';
import { carriersIn } from '../kubernetes/carriers.ts';
import type { ManifestFault, ManifestObject } from '../kubernetes/object.ts';
import { looksLikeManifests, readManifests } from '../kubernetes/read.ts';
import { LIMITS } from '../wasm/limits.ts';
import { compareText } from '../compare-text.ts';
import { foundCarrier } from './carried.ts';
import type { TextFile } from './directory.ts';
import type { Found, FoundManifests, FoundTarget, TargetOptions } from './target.ts';

/** A text that may hold manifests, under the name it is reported by. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

type Finds = Omit<FoundTarget, 'target'> & { readonly manifests: FoundManifests };

/** What the manifests in some texts carry, all texts taken as one set; null when none of them holds a Kubernetes object. */
export function foundManifests(texts: readonly NamedText[], options: TargetOptions): Finds | null {
  const objects: ManifestObject[] = [];
  const unread: ManifestFault[] = [];
  for (const { name, text } of texts) {
    const read = readManifests(text, name);
    objects.push(...read.objects);
    if (read.objects.length > 0 || looksLikeManifests(text)) unread.push(...read.faults);
  }
  if (objects.length === 0 && unread.length === 0) return null;
  const { carriers, faults: wrong } = carriersIn(objects, { hash: (bytes) => hash('sha256', bytes, 'hex') });
  const faults = [...unread, ...wrong];
  const found = [...carriers.filter(bringsBytes).map((carrier) => foundCarrier(carrier, options)), ...faults.map(foundFault)];
  return { found: found.sort((a, b) => compareText(a.file, b.file)), manifests: { carriers, faults } };
}

/** A path among the arguments of a container lies in its image or on a volume, and both are carriers that are searched themselves. */
function bringsBytes({ scheme, pointer }: Carrier): boolean {
  return scheme !== 'file' || !/\/(?:args|command)\/\d+$/.test(pointer);
}

/** A file that the user named; null when it holds no manifests, and when it cannot be read, which is told where it is opened. */
export function manifestFile(file: TextFile, options: TargetOptions): Finds | null {
  const text = textOf(file.path);
  return text === null ? null : foundManifests([{ name: file.name, text }], options);
}

/** Files that a search came across: only those that name Kubernetes objects are read further. */
export function manifestFiles(files: readonly TextFile[], options: TargetOptions): Finds | null {
  const texts = files.map(({ path, name }) => ({ name, text: textOf(path) })).filter((one): one is NamedText => one.text !== null && looksLikeManifests(one.text));
  return texts.length === 0 ? null : foundManifests(texts, options);
}

function textOf(path: string): string | null {
  try {
    if (statSync(path).size > LIMITS.kubernetesText) return null;
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** A document that could not be read is a result of its own: what it carries has not been analysed. */
function foundFault({ file, document, line, column, message }: ManifestFault): Found & { readonly file: string } {
  const name = `${file}:${line}:${column}`;
  return { name, file, size: null, open: () => ({ name, failure: { kind: 'unreadable', code: 'bad-manifest', message: `Cannot read ${document === null ? 'manifests' : `document ${document}`} in ${name}: ${message}` } }) };
}
