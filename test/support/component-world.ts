import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface WitTool { componentWit(bytes: Uint8Array): string }

const file = pathToFileURL(join(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile')), '..', 'vendor', 'wasm-tools.js')).href;

/**
 * Import and export names of a component as the reference tools print them in WIT, sorted.
 * Throws when those tools refuse the bytes.
 */
export async function componentWorld(bytes: Uint8Array): Promise<{ imports: string[]; exports: string[] }> {
  const loaded = (await import(/* @vite-ignore */ `${file}?world`)) as { tools: WitTool; $init: Promise<unknown> };
  await loaded.$init;
  const wit = loaded.tools.componentWit(bytes);
  const world = wit.slice(wit.indexOf('world root {'), wit.indexOf('\n}', wit.indexOf('world root {')));
  return { imports: listed(world, 'import'), exports: listed(world, 'export') };
}

function listed(world: string, word: 'import' | 'export'): string[] {
  const line = new RegExp(`^  ${word} ([^;{]+?)(?:;|: (?:async )?func\\(.*|: interface \\{)$`, 'gm');
  return [...world.matchAll(line)].map((match) => match[1]!).sort();
}
