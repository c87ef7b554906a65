import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Text with name, version, licence and licence text of every package that went into a bundle. `inputs` are the
 * bundled files' paths relative to `root`. Throws when a package says no licence: it must not be shipped.
 */
export function licensesOf(inputs: Iterable<string>, root: string): string {
  const folders = [...new Set([...inputs].map(packageFolder).filter((folder) => folder !== null))].sort();
  return folders.map((folder) => licenseOf(join(root, folder))).join(`\n${'-'.repeat(80)}\n\n`);
}

function packageFolder(input: string): string | null {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? null;
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string; version: string; license?: string };
  if (!license) throw new Error(`Package without a licence: ${folder}`);
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  return `${name} ${version}\nLicense: ${license}\n\n${file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trim() : '(The package carries no licence file.)'}\n`;
}
