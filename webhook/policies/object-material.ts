import { isRecord } from '../../scanner/is-record.ts';
import type { KubeClient, KubeObject, KubeResource } from '../kube/api.ts';
import { POLICY_LIMITS } from '../limits.ts';
import type { ReadMaterial } from './compile-document.ts';

const RESOURCES: Readonly<Record<'secret' | 'configMap', KubeResource>> = {
  secret: { group: '', version: 'v1', resource: 'secrets' },
  configMap: { group: '', version: 'v1', resource: 'configmaps' },
};

/**
 * Reads what a policy names from Secrets and ConfigMaps. A policy of a namespace reads that namespace alone; one of the cluster
 * says which. Files are nobody's: they would be those of the webhook's own container.
 */
export function objectMaterial(client: KubeClient, policyNamespace: string | null): ReadMaterial {
  return async (source) => {
    if (source.from === 'file') throw new Error('No files are read in a cluster: use data, secretRef or configMapRef');
    if (source.from === 'data') return Buffer.from(source.text, 'utf8');
    const kind = source.from === 'secret' ? 'Secret' : 'ConfigMap';
    const namespace = source.namespace ?? policyNamespace;
    if (namespace === null) throw new Error(`A cluster policy belongs to no namespace, so say in which one the ${kind} stands`);
    if (policyNamespace !== null && namespace !== policyNamespace) throw new Error(`A policy of namespace ${policyNamespace} names nothing of namespace ${namespace}`);
    const object = await client.get(RESOURCES[source.from], { namespace, name: source.name }, AbortSignal.timeout(POLICY_LIMITS.readMilliseconds));
    if (object === null) throw new Error(`There is no ${kind} ${source.name} in namespace ${namespace}`);
    return entryOf(object, source.key, kind);
  };
}

function entryOf(object: KubeObject, key: string | null, kind: 'Secret' | 'ConfigMap'): Uint8Array {
  const [data, binary] = [object['data'], object['binaryData']].map((part) => (isRecord(part) ? part : {})) as [Record<string, unknown>, Record<string, unknown>];
  const keys = [...Object.keys(data), ...Object.keys(binary)];
  if (key === null && keys.length !== 1) throw new Error(keys.length === 0 ? 'It is empty' : `It has ${keys.length} keys: say which one with key`);
  const name = key ?? keys[0]!;
  const inText = Object.hasOwn(data, name) ? data[name] : undefined;
  if (typeof inText === 'string') return Buffer.from(inText, kind === 'Secret' ? 'base64' : 'utf8');
  const inBytes = Object.hasOwn(binary, name) ? binary[name] : undefined;
  if (typeof inBytes === 'string') return Buffer.from(inBytes, 'base64');
  throw new Error(`It has no key ${name}`);
}
