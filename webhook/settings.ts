import type { CacheOptions } from '../scanner/artifact/cache/stores.ts';
import type { RegistryOptions } from '../scanner/artifact/oci/registry.ts';
import type { PolicySource as PolicyText } from '../engine/policies.ts';

/** Where something listens. */
export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** A policy of standalone mode, read again when its file changes; `file` is null for a built-in level. */
export interface PolicyFile {
  readonly policy: PolicyText;
  /** Absolute path. */
  readonly file: string | null;
}

/** What a webhook in a cluster has beside a standalone one. */
export interface ClusterSettings {
  /** Its own namespace. */
  readonly namespace: string;
  readonly waiverNamespace: string;
  /** Level of the built-in default, for what no cluster policy matches. */
  readonly defaultLevel: string;
  /** Where the leader keeps the certificates it makes; null: the serving pair comes from files. */
  readonly certificates: { readonly secret: string; readonly service: string; readonly configuration: string } | null;
  readonly pullSecrets: boolean;
  readonly configMaps: boolean;
  readonly secrets: boolean;
  /** Background audit. */
  readonly audit: { /** Milliseconds; 0: none. */ readonly interval: number; readonly reports: 'openreports' | 'policyreports' | 'none'; readonly events: boolean };
}

/** Everything that a webhook is told at its start. */
export interface WebhookSettings {
  readonly listen: ListenAddress;
  readonly healthListen: ListenAddress;
  /** Files with the serving pair; null where certificates are self-managed. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  /** Path of a kubeconfig; null: the service account of the pod, or no cluster at all. */
  readonly kubeconfig: string | null;
  /** Policies of standalone mode; null: they come from the cluster. */
  readonly policies: readonly PolicyFile[] | null;
  /** null: standalone. */
  readonly cluster: ClusterSettings | null;
  readonly detection: 'signals' | 'manifest' | 'layers';
  readonly workloads: 'warn' | 'deny';
  readonly callers: { readonly clientAuthorities: string | null; readonly names: readonly string[]; readonly bearerToken: string | null };
  readonly workers: number;
  readonly queue: number;
  /** Milliseconds, where a request names none. */
  readonly timeout: number;
  /** Milliseconds that serving goes on after readiness has been given up. */
  readonly drain: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly registry: Omit<RegistryOptions, 'blobs' | 'pullSecrets' | 'deadline'>;
  /** Registries for which the webhook's own credentials count for everybody. */
  readonly sharedRegistries: readonly string[];
  /** Milliseconds for one fetch. */
  readonly fetchTimeout: number;
  readonly cache: CacheOptions;
}
