import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRegistryClient } from '../../scanner/artifact/oci/client.ts';
import type { RegistryClient, RegistryOptions } from '../../scanner/artifact/oci/registry.ts';
import { moduleBytes } from '../support/module.ts';
import { registryOptions } from '../support/registry-options.ts';
import { entriesOf, readBlob } from '../support/registry-read.ts';
import { putInto } from './pack.ts';
import { wasmArtifact } from './push.ts';
import { startRegistry, type RegistryServerOptions, type TestRegistry } from './server.ts';

const ending: (() => unknown)[] = [];

/** The module that every registry started here holds, as `acme/app:v1`, and its packing. */
export const WASM = moduleBytes();
export const APP = wasmArtifact(WASM);

/** Ends what the functions below began, the last first: for `afterEach`. */
export async function endAll(): Promise<void> {
  for (const end of ending.splice(0).reverse()) await end();
}

/** A registry with `acme/app:v1` in it. */
export async function start(options: RegistryServerOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options);
  ending.push(() => registry.close());
  putInto(registry, 'acme/app', 'v1', APP);
  return registry;
}

/** A client that may talk to these registries and no others. */
export async function clientOf(registries: readonly TestRegistry[], more: Partial<RegistryOptions> = {}): Promise<RegistryClient> {
  const client = openRegistryClient(registryOptions(registries, more));
  ending.push(() => client.close());
  return client;
}

/** The first layer of `acme/app:v1`, read to its end. */
export async function pull(client: RegistryClient, { host }: { readonly host: string }): Promise<Uint8Array> {
  const { root, source } = await client.open(`${host}/acme/app:v1`);
  return readBlob(source, entriesOf(root.bytes)[0]!);
}

/** Path of a docker config with this content. */
export function dockerConfig(content: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgate-config-'));
  ending.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(content));
  return join(folder, 'config.json');
}
