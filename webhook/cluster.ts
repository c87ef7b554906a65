import type { TargetProfile } from '../scanner/carrier.ts';
import type { WireObject } from './review.ts';

/** What judging reads of the cluster beside the object at hand. Every method answers null or nothing where it may not look; none throws. */
export interface ClusterReader {
  /** Texts of pull secrets of one namespace, in the order asked for; those of the service account when `names` is empty. */
  pullSecrets(namespace: string, names: readonly string[], serviceAccount: string | null): Promise<readonly string[]>;
  /** A ConfigMap or Secret that a pod mounts; null: not found, or not to be read. */
  store(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): Promise<WireObject | null>;
  /** What the cluster knows of a runtime class; null: nothing, so that names decide. */
  runtimeClass(name: string): { readonly wasm: boolean; readonly profile: TargetProfile | null } | null;
  /** Pods of a namespace, at most `limit`, for the preview of a tightened label. */
  pods(namespace: string, limit: number): Promise<readonly WireObject[]>;
}

/** Without a cluster nothing can be looked up. */
export const NO_CLUSTER: ClusterReader = {
  pullSecrets: async () => [],
  store: async () => null,
  runtimeClass: () => null,
  pods: async () => [],
};
