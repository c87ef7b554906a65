import type { OptionSpec } from './command.ts';

/** How registries are reached, whoever asks. */
export const HOSTS: readonly OptionSpec[] = [
  { name: 'insecure-registry', value: 'host[:port]', repeatable: true, help: 'Registry without TLS, or with a certificate nobody vouches for; repeatable' },
  { name: 'registry-ca', value: 'host=file', repeatable: true, help: 'Certificate authority of a registry, PEM; repeatable' },
  { name: 'mirror', value: 'host=mirror', repeatable: true, help: 'Ask this mirror before the registry; repeatable' },
];

/** Bounds of fetching, whoever asks. */
export const BOUNDS: readonly OptionSpec[] = [
  { name: 'fetch-timeout', value: 'seconds', help: 'Longest time for one fetch, retries included (default: 60)' },
  { name: 'cache-size', value: 'MiB', help: 'Most that the cache of fetched blobs takes on disk (default: 2048)' },
];

/** Options of commands that fetch. */
export const REMOTE: readonly OptionSpec[] = [
  { name: 'no-fetch', help: 'Contact nobody: what manifests refer to is listed as not analysed' },
  { name: 'platform', value: 'os/arch', help: 'Of images for several platforms take this one only (default: all of them)' },
  { name: 'registry-config', value: 'file', help: 'Docker config with credentials (default: DOCKER_CONFIG, ~/.docker/config.json)' },
  ...HOSTS,
  { name: 'allow-host', value: 'host|cidr', repeatable: true, help: 'Private address, or host of http(s) URLs in manifests, that may be contacted; repeatable' },
  ...BOUNDS,
  { name: 'no-cache', help: 'Neither read nor write the cache on disk' },
];
