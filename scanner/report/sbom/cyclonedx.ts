import { ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums';
import { Bom, Component, ComponentRepository, HashDictionary, Metadata, Property, PropertyRepository, Tools } from '@cyclonedx/cyclonedx-library/Models';
import { JSON as CycloneDxJson, JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec';
import { harmlessJson } from '../harmless.ts';
import { placeText } from './place.ts';
import type { Bill, PackageInside, Part } from './bill.ts';

/**
 * The bill as CycloneDX 1.6, JSON. One artifact is what the document is about, several stand in its list; nested modules and
 * components are components of what holds them, and so are the packages in each.
 */
export function cycloneDxText({ artifacts, timestamp, version, uuid }: Bill): string {
  const components = artifacts.map(partComponent);
  const only = components.length === 1 ? components[0] : undefined;
  const tools = new Tools({ components: new ComponentRepository([new Component(ComponentType.Application, 'wasmgate', { version, bomRef: 'wasmgate' })]) });
  const bom = new Bom({
    serialNumber: `urn:uuid:${uuid}`,
    metadata: new Metadata({ tools, ...(only && { component: only }), ...(timestamp !== null && { timestamp: new Date(timestamp) }) }),
    components: new ComponentRepository(only ? [] : components),
  });
  const text = new JsonSerializer(new CycloneDxJson.Normalize.Factory(Spec1dot6)).serialize(bom, { sortLists: true });
  return `${harmlessJson(JSON.parse(text), 2)}\n`;
}

function partComponent(part: Part): Component {
  const children = [...part.parts.map(partComponent), ...part.packages.map(packageComponent)];
  const component = new Component(part.path === '' ? ComponentType.Application : ComponentType.Library, part.name, {
    bomRef: part.ref,
    hashes: new HashDictionary([[HashAlgorithm['SHA-256'], part.sha256]]),
    components: new ComponentRepository(children),
    properties: properties([
      ['kind', part.kind], ['size', String(part.size)], ['place', part.path], ['instances', part.instances === null ? '' : String(part.instances)],
      ...part.tools.map(({ field, name, version }): [string, string] => [field, `${name} ${version}`.trim()]),
    ]),
  });
  for (const child of children) component.dependencies.add(child.bomRef);
  return component;
}

function packageComponent({ ref, dependency: { name, version, evidence, location }, purl, confidence }: PackageInside): Component {
  return new Component(ComponentType.Library, name, {
    bomRef: ref,
    ...(version !== '' && { version }),
    ...(purl !== null && { purl }),
    properties: properties([['evidence', evidence], ['confidence', confidence], ['location', placeText(location)]]),
  });
}

function properties(values: readonly (readonly [string, string])[]): PropertyRepository {
  return new PropertyRepository(values.filter(([, value]) => value !== '').map(([name, value]) => new Property(`wasmgate:${name}`, value)));
}
