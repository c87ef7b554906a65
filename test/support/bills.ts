import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { ROOT } from './imports.ts';

const schema = (name: string): object => JSON.parse(readFileSync(join(ROOT, 'node_modules/@cyclonedx/cyclonedx-library/res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
let validate: ReturnType<Ajv['compile']> | null = null;

/** What a text offends against in the schema of CycloneDX 1.6 that comes with its library. */
export function cycloneDxFaults(text: string): string[] {
  validate ??= compile();
  return validate(JSON.parse(text)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function compile(): ReturnType<Ajv['compile']> {
  const plain = (pattern: RegExp) => ({ type: 'string', validate: (value: string) => pattern.test(value) }) as const;
  const formats = { 'date-time': plain(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/), 'iri-reference': plain(/^\S*$/), uri: plain(/^[a-z]+:\S+$/), 'idn-email': plain(/^\S+@\S+$/), string: plain(/^/) };
  const ajv = new Ajv({ strict: false, formats });
  // They are referred to by the names of these files, and name themselves otherwise.
  for (const name of ['cryptography-defs', 'jsf-0.82', 'spdx']) ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
  return ajv.compile(schema('bom-1.6'));
}

type Fields = Readonly<Record<string, unknown>>;
const REQUIRED: Readonly<Record<string, RegExp>> = { spdxVersion: /^SPDX-2\.3$/, dataLicense: /^CC0-1\.0$/, SPDXID: /^SPDXRef-DOCUMENT$/, name: /^./su, documentNamespace: /^https:\/\/[^\s#]+$/ };
const ID = /^SPDXRef-[A-Za-z0-9.-]+$/;
const RELATIONS = ['DESCRIBES', 'CONTAINS', 'DEPENDS_ON', 'BUILD_TOOL_OF'];
const PURPOSES = ['APPLICATION', 'LIBRARY', 'OTHER'];

/** What a text offends against in SPDX 2.3: clauses 6 (document), 7 (packages) and 11 (relationships), as far as the writer uses them. */
export function spdxFaults(text: string): string[] {
  const document = JSON.parse(text) as Fields;
  const faults = Object.entries(REQUIRED).filter(([key, form]) => !form.test(typeof document[key] === 'string' ? document[key] : '')).map(([key]) => key);
  const { created, creators } = document['creationInfo'] as { readonly created: string; readonly creators: readonly string[] };
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(created)) faults.push(`created: ${created}`);
  if (creators.length === 0 || creators.some((one) => !/^(?:Tool|Person|Organization): \S/.test(one))) faults.push('creators');
  const packages = document['packages'] as readonly Fields[];
  const ids = packages.map((one) => String(one['SPDXID']));
  if (new Set(ids).size < ids.length) faults.push('ids are not unique');
  faults.push(...packages.flatMap(packageFaults));
  const known = new Set([...ids, 'SPDXRef-DOCUMENT']);
  const relationships = document['relationships'] as readonly Record<string, string>[];
  for (const { spdxElementId = '', relationshipType = '', relatedSpdxElement = '' } of relationships) {
    if (!known.has(spdxElementId) || !known.has(relatedSpdxElement) || !RELATIONS.includes(relationshipType)) faults.push(`relationship ${spdxElementId} ${relationshipType} ${relatedSpdxElement}`);
  }
  if (!relationships.some(({ relationshipType }) => relationshipType === 'DESCRIBES')) faults.push('describes nothing');
  return faults;
}

function packageFaults(one: Fields): string[] {
  const id = String(one['SPDXID']);
  const checksums = (one['checksums'] ?? []) as readonly Record<string, string>[];
  const references = (one['externalRefs'] ?? []) as readonly Record<string, string>[];
  const holds = [
    ID.test(id), typeof one['name'] === 'string' && one['name'] !== '', one['downloadLocation'] === 'NOASSERTION', one['filesAnalyzed'] === false, PURPOSES.includes(String(one['primaryPackagePurpose'])),
    checksums.every(({ algorithm, checksumValue }) => algorithm === 'SHA256' && /^[0-9a-f]{64}$/.test(checksumValue!)),
    references.every(({ referenceCategory, referenceType, referenceLocator }) => referenceCategory === 'PACKAGE-MANAGER' && referenceType === 'purl' && /^pkg:[a-z]+\/\S+$/.test(referenceLocator!)),
  ];
  return holds.flatMap((good, at) => (good ? [] : [`${id}: ${at}`]));
}
