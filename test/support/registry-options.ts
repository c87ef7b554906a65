import type { RegistryOptions } from '../../scanner/artifact/oci/registry.ts';

/** What is needed of a registry; its own and the real ones fit. */
interface Reachable { readonly host: string; readonly authority?: string | null }

/**
 * Options with which a client may talk to these registries on loopback, and to nothing else: plain HTTP where a registry has no
 * certificate, its own certificate otherwise, no credentials, nothing of this machine's environment.
 */
export function registryOptions(registries: readonly Reachable[], more: Partial<RegistryOptions> = {}): RegistryOptions {
  return {
    config: null, pullSecrets: [], mirrors: {}, deadline: 20_000, blobs: null,
    insecure: registries.filter(({ authority }) => !authority).map(({ host }) => host),
    authorities: Object.fromEntries(registries.flatMap(({ host, authority }) => (authority ? [[host, authority]] : []))),
    allowedHosts: registries.map(({ host }) => host),
    // No home: neither a config nor a proxy of the machine may matter.
    environment: { HOME: '/nonexistent', DOCKER_CONFIG: '/nonexistent' },
    ...more,
  };
}
