import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CacheOptions } from '../scanner/artifact/cache/stores.ts';
import { failureOf } from '../scanner/artifact/read-file.ts';
import type { RegistryClient, RegistryOptions } from '../scanner/artifact/oci/registry.ts';
import { listOption, switchOption, textOption, type Input } from './command.ts';
import { UsageError } from '../engine/usage-error.ts';
import type { Io } from './io.ts';

const DEADLINE_SECONDS = 60;
const CACHE_MIB = 2_048;

/** A registry client as the options say, made when it is first needed; null with --no-fetch. Throws UsageError for options that make no sense. */
export function registryOf(input: Input, io: Io): (() => Promise<RegistryClient>) | null {
  const known = opened.get(input);
  if (known !== undefined) return known;
  const made = madeFor(input, io);
  opened.set(input, made);
  return made;
}

/** One client for each run, so that artifacts and their signatures share connections, tokens and answers under way. */
const opened = new WeakMap<Input, (() => Promise<RegistryClient>) | null>();

function madeFor(input: Input, io: Io): (() => Promise<RegistryClient>) | null {
  if (switchOption(input, 'no-fetch')) return null;
  const options = registryOptions(input, io);
  const cache = cacheOf(input, io);
  let client: Promise<RegistryClient> | null = null;
  return () => (client ??= openClient(options, cache));
}

/** What is kept between runs. Throws UsageError. */
export function cacheOf(input: Input, io: Io): CacheOptions {
  const { HOME, XDG_CACHE_HOME, LOCALAPPDATA } = io.env;
  return { disk: !switchOption(input, 'no-cache'), maxBytes: wholeNumber(input, 'cache-size', CACHE_MIB) * (1 << 20), environment: { HOME, XDG_CACHE_HOME, LOCALAPPDATA } };
}

/** Loaded when something is fetched, since most runs fetch nothing. */
async function openClient(options: Omit<RegistryOptions, 'blobs'>, cache: CacheOptions): Promise<RegistryClient> {
  const [{ openRegistryClient }, { blobStores }] = await Promise.all([import('../scanner/artifact/oci/client.ts'), import('../scanner/artifact/cache/stores.ts')]);
  return openRegistryClient({ ...options, blobs: blobStores(cache) });
}

/** `os/architecture`, or null. Throws UsageError. */
export function platformOf(input: Input): string | null {
  const platform = textOption(input, 'platform') ?? null;
  if (platform !== null && !/^[\w.-]+\/[\w.-]+(\/[\w.-]+)?$/.test(platform)) throw new UsageError(`Not a platform: --platform ${platform}`, 'Write os/architecture, as in wasip1/wasm or linux/amd64');
  return platform;
}

/** How registries are contacted. Throws UsageError. */
export function registryOptions(input: Input, io: Io): Omit<RegistryOptions, 'blobs'> {
  const config = textOption(input, 'registry-config');
  return {
    config: config === undefined ? null : resolve(io.cwd, config),
    pullSecrets: [],
    insecure: listOption(input, 'insecure-registry').map((host) => hostText(host, '--insecure-registry')),
    authorities: Object.fromEntries(listOption(input, 'registry-ca').map((text) => authority(text, io))),
    mirrors: mirrors(listOption(input, 'mirror')),
    allowedHosts: listOption(input, 'allow-host'),
    deadline: wholeNumber(input, 'fetch-timeout', DEADLINE_SECONDS) * 1_000,
    environment: io.env,
  };
}

/** The value of an option that is a number from 1 to 999999. Throws UsageError. */
export function wholeNumber(input: Input, name: string, otherwise: number): number {
  const text = textOption(input, name);
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`Not a whole number: --${name} ${text}`, 'Give a number from 1 to 999999');
  return Number(text);
}

function hostText(text: string, option: string): string {
  if (!/^(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?$/.test(text)) throw new UsageError(`Not a host: ${option} ${text}`, 'Write host or host:port, without https:// and path');
  return text.toLowerCase();
}

function pair(text: string, option: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0 || at === text.length - 1) throw new UsageError(`Not a pair: ${option} ${text}`, `Write ${option} host=value`);
  return [hostText(text.slice(0, at), option), text.slice(at + 1)];
}

function authority(text: string, io: Io): readonly [string, string] {
  const [host, file] = pair(text, '--registry-ca');
  try {
    const pem = readFileSync(resolve(io.cwd, file), 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new UsageError(`No certificate in ${file} (--registry-ca)`, 'Give a PEM file with the certificates of the authority');
    return [host, pem];
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${failureOf(file, error).message} (--registry-ca)`);
  }
}

function mirrors(texts: readonly string[]): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const text of texts) {
    const [host, mirror] = pair(text, '--mirror');
    (all[host] ??= []).push(hostText(mirror, '--mirror'));
  }
  return all;
}
