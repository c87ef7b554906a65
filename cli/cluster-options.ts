import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { UsageError } from '../engine/usage-error.ts';
import { findLevel } from '../scanner/policy/vocabulary.ts';
import { LEVELS } from '../policies/index.ts';
import type { PolicyFile, WebhookSettings } from '../webhook/settings.ts';
import { listOption, switchOption, textOption, type Input } from './command.ts';
import type { Io } from './io.ts';
import { readSource } from './policies.ts';
import { cacheOf, registryOptions, wholeNumber } from './remote-options.ts';

const MOST_WORKERS = 4;
const QUEUE = 100;
const FETCH_SECONDS = 60;
/** Where a pod finds the namespace that it runs in. */
const NAMESPACE_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** What examining needs: threads, registries, caches. Throws UsageError. */
export function examinerSettings(input: Input, io: Io): Pick<WebhookSettings, 'detection' | 'workers' | 'queue' | 'registry' | 'sharedRegistries' | 'fetchTimeout' | 'cache'> {
  const { pullSecrets: _none, deadline: _fetch, ...registry } = registryOptions(input, io);
  return {
    detection: (textOption(input, 'detection') ?? 'manifest') as WebhookSettings['detection'],
    workers: wholeNumber(input, 'workers', Math.min(availableParallelism(), MOST_WORKERS)),
    queue: wholeNumber(input, 'queue', QUEUE),
    registry,
    sharedRegistries: listOption(input, 'shared-registry').map((host) => host.toLowerCase()),
    fetchTimeout: wholeNumber(input, 'fetch-timeout', FETCH_SECONDS) * 1_000,
    cache: cacheOf(input, io),
  };
}

/** The namespace that wasmgate runs in. Throws UsageError where nothing tells it. */
export function ownNamespace(input: Input): string {
  const given = textOption(input, 'namespace');
  if (given !== undefined) return given;
  try {
    return readFileSync(NAMESPACE_FILE, 'utf8').trim();
  } catch {
    throw new UsageError('Which namespace does wasmgate run in? This is no pod, so nothing tells it', 'Give --namespace, or --policy for a webhook without a cluster');
  }
}

/** The level of --default-level. Throws UsageError for one that does not exist. */
export function defaultLevel(input: Input): string {
  const level = textOption(input, 'default-level') ?? 'baseline';
  if (findLevel(level, LEVELS) === null) throw new UsageError(`There is no level ${level} (--default-level)`, 'Levels are privileged, baseline and restricted, with @v1 to pin them');
  return level;
}

/** The policies of --policy; null: none was given. Throws UsageError. */
export async function policyFiles(input: Input, io: Io): Promise<readonly PolicyFile[] | null> {
  const named = listOption(input, 'policy');
  if (named.length === 0) return null;
  const files: PolicyFile[] = [];
  for (const name of named) {
    const policy = await readSource(name, io);
    files.push({ policy, file: policy.kind === 'file' && name !== '-' ? resolve(io.cwd, name) : null });
  }
  return files;
}

/** What of the cluster is read beside the objects themselves. */
export function clusterReading(input: Input): { readonly pullSecrets: boolean; readonly configMaps: boolean; readonly secrets: boolean } {
  return { pullSecrets: switchOption(input, 'pull-secrets'), configMaps: switchOption(input, 'config-maps'), secrets: switchOption(input, 'secrets') };
}

/** Absolute path of an option that names a file; null: not given. */
export function fileOption(input: Input, io: Io, name: string): string | null {
  const file = textOption(input, name);
  return file === undefined ? null : resolve(io.cwd, file);
}
