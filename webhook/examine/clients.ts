import { hash } from 'node:crypto';
import { openRegistryClient } from '../../scanner/artifact/oci/client.ts';
import type { BlobStore, RegistryClient } from '../../scanner/artifact/oci/registry.ts';
import { memory } from './memory.ts';
import type { Access, WorkerSetup } from './task.ts';

/** Sets of credentials whose connections and tokens are kept. */
const CLIENTS = 50;
/** Milliseconds after which a client that nobody asks for any more is closed, and what was under way with it has ended. */
const IDLE_FACTOR = 2;

/** Registry clients by credentials, so that nobody's tokens serve anybody else. */
export interface Clients {
  for(access: Access): RegistryClient;
  close(): Promise<void>;
}

/** Opens clients as they are asked for. `blobs` serves all of them: it is only asked by those who have been given a manifest. */
export function openClients({ registry, fetchTimeout }: Omit<WorkerSetup, 'cache'>, blobs: BlobStore | null): Clients {
  const closing = new Set<NodeJS.Timeout>();
  const open = memory<RegistryClient>({
    entries: CLIENTS,
    // Whoever still fetches with it has his answer or his deadline by then.
    dropped: (client) => {
      const timer = setTimeout(() => { closing.delete(timer); void client.close(); }, fetchTimeout * IDLE_FACTOR);
      timer.unref();
      closing.add(timer);
    },
  });
  return {
    for(access) {
      const known = open.get(access.fingerprint);
      if (known !== undefined) return known;
      const own = access.shared ? registry : { ...registry, config: null, environment: withoutCredentials(registry.environment) };
      const client = openRegistryClient({ ...own, pullSecrets: access.pullSecrets, deadline: fetchTimeout, blobs });
      open.set(access.fingerprint, client);
      return client;
    },
    async close() {
      for (const timer of closing) clearTimeout(timer);
      await Promise.all(open.values().map((client) => client.close()));
    },
  };
}

/** With what a registry is asked: the pull secrets of whoever asks, and the webhook's own credentials only where the host is shared. */
export function accessTo(host: string, { pullSecrets, sharedRegistries }: { readonly pullSecrets: readonly string[]; readonly sharedRegistries: readonly string[] }): Access {
  const shared = sharedRegistries.includes(host);
  if (pullSecrets.length === 0) return shared ? OWN : ANYBODY;
  return { pullSecrets, shared, fingerprint: hash('sha256', JSON.stringify([shared, pullSecrets]), 'base64url') };
}

const OWN: Access = { pullSecrets: [], shared: true, fingerprint: 'own' };
/** No credentials at all. */
export const ANYBODY: Access = { pullSecrets: [], shared: false, fingerprint: 'anybody' };

/** Variables that lead to the credentials of this process. */
const CREDENTIAL_VARIABLES = new Set(['DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'HOME', 'USERPROFILE', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME']);

function withoutCredentials(environment: WorkerSetup['registry']['environment']): WorkerSetup['registry']['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !CREDENTIAL_VARIABLES.has(name.toUpperCase())));
}
