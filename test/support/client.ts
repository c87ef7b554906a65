import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach } from 'vitest';
import { openRegistryClient, type ClientParts } from '../../scanner/artifact/oci/client.ts';
import type { RegistryClient, RegistryOptions } from '../../scanner/artifact/oci/registry.ts';
import { registryOptions } from './registry-options.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Limits short enough for tests; nothing measures them. */
export const QUICK = { connect: 2_000, idle: 300, attempts: 3, backoff: 1, longestBackoff: 4 } as const;

/** Gives no credentials to anybody. */
export const NOBODY = { headerFor: async () => null, answer: async () => null };

const open: RegistryClient[] = [];

/** A client that may talk to these hosts on loopback in plain HTTP. */
export function quickClient(hosts: readonly { readonly host: string }[], more: Partial<RegistryOptions> = {}, parts: ClientParts = {}): RegistryClient {
  const client = openRegistryClient(registryOptions(hosts, { deadline: 5_000, ...more }), { timing: QUICK, authoriser: NOBODY, ...parts });
  open.push(client);
  return client;
}

/** Ends the connections of every client that the test opened. */
export function closeClientsAfterEach(): void {
  afterEach(async () => {
    for (const client of open.splice(0)) await client.close();
  });
}

export function sha(bytes: Uint8Array | string, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** A manifest that differs by its mark. */
export function manifestText(mark: string): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config: {}, layers: [], annotations: { mark } });
}

/** Answers with a manifest and its length. */
export function sendManifest(response: ServerResponse, text: string, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': MANIFEST_TYPE, 'content-length': String(Buffer.byteLength(text)), ...headers }).end(text);
}
