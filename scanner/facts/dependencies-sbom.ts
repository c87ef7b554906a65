import { isRecord } from '../is-record.ts';
import { parseJson, textField } from '../wasm/custom/read.ts';
import { LIMITS } from '../wasm/limits.ts';
import type { Dependency } from './facts.ts';
import type { TextSource } from './text-sources.ts';

/** Whether a custom section of this name may hold a bill of materials. No name is standardised, so every plain one is tried. */
export function isSbomSection(name: string): boolean {
  return /(?:^|[^a-z])(?:s?bom|cyclonedx|spdx)(?:$|[^a-z])/i.test(name);
}

/**
 * The packages that a CycloneDX or SPDX document in JSON lists, nested ones included. Yields nothing for other content: sections
 * have free names, so it is no fault.
 */
export function* sbomDependencies(source: TextSource): Generator<Dependency> {
  if (source.bytes.length > LIMITS.customTextBytes) return;
  const document = parseJson(loose.decode(source.bytes));
  if (!isRecord(document)) return;
  const location = source.locate(0, source.bytes.length);
  for (const found of document['bomFormat'] === 'CycloneDX' ? fromCycloneDx(document) : fromSpdx(document)) yield { ...found, evidence: 'embedded-list', location };
}

const loose = new TextDecoder();
type Package = Pick<Dependency, 'ecosystem' | 'name' | 'version'>;

/** CycloneDX 1.2 and later: components hold components. Walked without recursion. */
function* fromCycloneDx(document: Readonly<Record<string, unknown>>): Generator<Package> {
  const open = records(document['components']);
  for (let component = open.pop(); component; component = open.pop()) {
    for (const inner of records(component['components'])) open.push(inner);
    const found = packageOf(textField(component, 'purl'), [textField(component, 'group'), textField(component, 'name')].filter(Boolean).join('/'), textField(component, 'version'));
    if (found) yield found;
  }
}

/** SPDX 2.2 and 2.3. What the document describes is the artifact itself. */
function* fromSpdx(document: Readonly<Record<string, unknown>>): Generator<Package> {
  if (textField(document, 'spdxVersion')?.startsWith('SPDX-2') !== true) return;
  const described = new Set(records(document['relationships']).filter((one) => one['relationshipType'] === 'DESCRIBES').map((one) => one['relatedSpdxElement']));
  for (const id of Array.isArray(document['documentDescribes']) ? document['documentDescribes'] : []) described.add(id);
  for (const one of records(document['packages'])) {
    if (described.has(one['SPDXID'])) continue;
    const reference = records(one['externalRefs']).find(({ referenceType }) => referenceType === 'purl');
    const found = packageOf(reference ? textField(reference, 'referenceLocator') : null, textField(one, 'name') ?? '', textField(one, 'versionInfo'));
    if (found) yield found;
  }
}

function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

const ECOSYSTEMS: Readonly<Record<string, Dependency['ecosystem']>> = { cargo: 'cargo', golang: 'go', npm: 'npm', pypi: 'pypi' };
/** `pkg:type/namespace/name@version?qualifiers#subpath`, of the package URL specification. */
const PURL = /^pkg:\/{0,2}([a-z][a-z0-9.+-]*)\/([^?#]+?)(?:@([^?#@/]+))?(?:[?#].*)?$/is;

function packageOf(purl: string | null, name: string, version: string | null): Package | null {
  const match = purl === null ? null : PURL.exec(purl);
  const full = decoded(match?.[2]) ?? name;
  return full === '' ? null : { ecosystem: ECOSYSTEMS[match?.[1]?.toLowerCase() ?? ''] ?? 'other', name: full, version: decoded(match?.[3]) ?? version ?? '' };
}

function decoded(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text);
  } catch {
    return null;
  }
}
