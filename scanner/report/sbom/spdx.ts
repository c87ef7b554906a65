import type { Tool } from '../../facts/facts.ts';
import { harmlessJson } from '../harmless.ts';
import { placeText } from './place.ts';
import type { Bill, PackageInside, Part } from './bill.ts';

/** A document must say when it was made; without a time the same bytes give the same text. */
const NO_TIME = '1970-01-01T00:00:00Z';
const UNKNOWN = { downloadLocation: 'NOASSERTION', filesAnalyzed: false, licenseConcluded: 'NOASSERTION', licenseDeclared: 'NOASSERTION', copyrightText: 'NOASSERTION' } as const;

type Relation = 'DESCRIBES' | 'CONTAINS' | 'DEPENDS_ON' | 'BUILD_TOOL_OF';

interface Draft {
  readonly packages: object[];
  readonly relationships: { readonly spdxElementId: string; readonly relationshipType: Relation; readonly relatedSpdxElement: string }[];
  /** By field, name and version: one compiler makes many parts. */
  readonly tools: Map<string, string>;
}

/** The bill as SPDX 2.3, JSON: the document describes the artifacts, these contain parts, and each depends on the packages compiled into it. */
export function spdxText(bill: Bill): string {
  const draft: Draft = { packages: [], relationships: [], tools: new Map() };
  for (const artifact of bill.artifacts) relate(draft, ['SPDXRef-DOCUMENT', 'DESCRIBES', addPart(artifact, draft)]);
  const names = bill.artifacts.map(({ name }) => name);
  return `${harmlessJson({
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: names.length === 1 ? names[0] : `${names.length} WebAssembly artifacts`,
    documentNamespace: `https://wasmgate.dev/spdx/${bill.uuid}`,
    creationInfo: { created: bill.timestamp?.replace(/\.\d+Z$/, 'Z') ?? NO_TIME, creators: [`Tool: wasmgate-${bill.version}`] },
    packages: draft.packages,
    relationships: draft.relationships,
  }, 2)}\n`;
}

function relate({ relationships }: Draft, [spdxElementId, relationshipType, relatedSpdxElement]: readonly [string, Relation, string]): void {
  relationships.push({ spdxElementId, relationshipType, relatedSpdxElement });
}

/** Adds a part with everything in it, and gives its id. */
function addPart(part: Part, draft: Draft): string {
  const id = newId(draft);
  draft.packages.push({
    SPDXID: id, name: part.name, ...UNKNOWN,
    primaryPackagePurpose: part.path === '' ? 'APPLICATION' : 'LIBRARY',
    checksums: [{ algorithm: 'SHA256', checksumValue: part.sha256 }],
    comment: [`WebAssembly ${part.kind === 'other' ? 'artifact' : part.kind} of ${part.size} bytes`, part.path && `at ${part.path}`, part.instances !== null && `instances: ${part.instances}`].filter(Boolean).join(', '),
  });
  for (const inner of part.parts) relate(draft, [id, 'CONTAINS', addPart(inner, draft)]);
  for (const inside of part.packages) relate(draft, [id, 'DEPENDS_ON', addPackage(inside, draft)]);
  for (const tool of part.tools) if (tool.field !== 'language') relate(draft, [addTool(tool, draft), 'BUILD_TOOL_OF', id]);
  return id;
}

function addPackage({ dependency: { name, version, evidence, location }, purl, confidence }: PackageInside, draft: Draft): string {
  const id = newId(draft);
  draft.packages.push({
    SPDXID: id, name, ...(version !== '' && { versionInfo: version }), ...UNKNOWN,
    ...(purl !== null && { externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }] }),
    primaryPackagePurpose: 'LIBRARY',
    comment: `Evidence: ${evidence}, confidence ${confidence}, ${placeText(location)}`,
  });
  return id;
}

function addTool({ field, name, version }: Tool, draft: Draft): string {
  const key = [name, version].join('\0');
  const known = draft.tools.get(key);
  if (known !== undefined) return known;
  const id = newId(draft);
  draft.tools.set(key, id);
  draft.packages.push({ SPDXID: id, name, ...(version !== '' && { versionInfo: version }), ...UNKNOWN, primaryPackagePurpose: 'OTHER', comment: `Named as ${field} by the artifact` });
  return id;
}

function newId({ packages }: Draft): string {
  // A place is taken before anything inside is added.
  return `SPDXRef-${packages.length + 1}`;
}
