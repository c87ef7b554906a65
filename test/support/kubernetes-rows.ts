import type { CarrierFact } from '../../scanner/carrier.ts';
import { CUSTOM_ROWS } from '../../scanner/kubernetes/custom-rows.ts';
import { child, expand, pathOf, rootNode, textOf } from '../../scanner/kubernetes/grants-node.ts';
import type { ManifestObject } from '../../scanner/kubernetes/object.ts';
import { schemeOf } from '../../scanner/kubernetes/texts-find.ts';
import { readYaml } from '../../scanner/yaml.ts';

/** What the table says of one reference, in short texts that tests can write down. */
export interface RowFind {
  readonly pointer: string;
  readonly reference: string;
  readonly scheme: string;
  readonly role: string;
  readonly host: string | null;
  readonly onDeny: CarrierFact['onDeny'];
  readonly hash: string | null;
  readonly certain: boolean;
  /** `kind field: a b`, with `everything` where it gives everything, and `@line`. */
  readonly grants: readonly string[];
  /** `id (confidence) text @line`. */
  readonly settings: readonly string[];
}

/** The object in a YAML text. */
export function objectIn(text: string): ManifestObject {
  const { documents, faults } = readYaml(text);
  if (documents.length !== 1) throw new Error(`The text holds ${documents.length} documents: ${JSON.stringify(faults)}`);
  const { value, positionOf } = documents[0]!;
  const root = rootNode(value);
  const at = (...keys: string[]): string | null => textOf(child(root, ...keys));
  return { file: 'f.yaml', document: 0, base: '', apiVersion: at('apiVersion') ?? '', kind: at('kind') ?? '', name: at('metadata', 'name') ?? '', namespace: at('metadata', 'namespace'), value: value as Record<string, unknown>, positionOf };
}

/** Every reference that the table of custom resources finds in the object of a YAML text. */
export function rowFinds(text: string): RowFind[] {
  const object = objectIn(text);
  const group = object.apiVersion.split('/')[0];
  return CUSTOM_ROWS.filter((row) => row.group === group && row.kind === object.kind).flatMap((row) => row.references.flatMap((reference) =>
    expand(rootNode(object.value), reference.path).flatMap((node) => {
      const parent = node.up?.value as Record<string, unknown>;
      const written = textOf(node);
      if (written === null || (reference.when && !reference.when(object, parent))) return [];
      const pointer = pathOf(node);
      const { grants, settings } = row.surroundings?.(object, pointer) ?? { grants: [], settings: [] };
      return [{
        pointer,
        reference: written,
        scheme: reference.reads === 'image' ? 'oci' : reference.reads === 'url' ? schemeOf(written, reference.otherwise ?? 'oci') : 'file',
        role: reference.role ?? 'module',
        host: (reference.host ?? row.host)?.profile ?? null,
        onDeny: row.onDeny,
        hash: reference.hash ? textOf(child(node.up!, ...reference.hash.path.split('.'))) : null,
        certain: reference.certain ?? true,
        grants: grants.map(({ kind, field, values, everything, place }) => `${kind} ${field}: ${[...values, ...(everything ? ['everything'] : [])].join(' ')} @${place!.line}`),
        settings: settings.map(({ id, confidence, text, place }) => `${id} (${confidence}) ${text} @${place!.line}`),
      }];
    })));
}
