import { readFileSync } from 'node:fs';

/** The version in package.json, which lies above this file in the sources and above the bundle. */
export function engineVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}

/** Tells builds of one version apart; null where the sources run as they are. */
export function buildId(): string | null {
  try {
    return readFileSync(new URL('./build-id', import.meta.url), 'utf8').trim();
  } catch {
    return null;
  }
}
