import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface TextTool { parse(text: string): Uint8Array; print(bytes: Uint8Array): string }

const file = pathToFileURL(join(dirname(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile')), '..', 'vendor', 'wasm-tools.js')).href;
let generation = 0;
let tool: TextTool | null = await load();

/**
 * Turns the text of one module or component into bytes, without any check of what it means.
 * Throws an Error with the tool's message when the text does not parse. After a trap the tool is dead;
 * call `renewWatTool` before the next use.
 */
export function watToWasm(text: string): Uint8Array {
  return use((tool) => Uint8Array.from(tool.parse(text)), 'Text not parsed');
}

/** The text of a module or component, as another implementation reads it. Throws like `watToWasm`. */
export function wasmToWat(bytes: Uint8Array): string {
  return use((tool) => tool.print(bytes), 'Bytes not printed');
}

function use<Result>(action: (tool: TextTool) => Result, failure: string): Result {
  if (!tool) throw new Error('The text tool trapped before: await renewWatTool() first');
  try {
    return action(tool);
  } catch (error) {
    if (!isRefusal(error)) tool = null;
    throw new Error(`${failure}: ${messageOf(error)}`, { cause: error });
  }
}

/** Gives `watToWasm` a fresh tool if the last one trapped. */
export async function renewWatTool(): Promise<void> {
  tool ??= await load();
}

/** A new instance each time: the query string makes it another module to the loader. */
async function load(): Promise<TextTool> {
  const loaded = (await import(/* @vite-ignore */ `${file}?instance=${generation++}`)) as { tools: TextTool; $init: Promise<unknown> };
  await loaded.$init;
  return loaded.tools;
}

/** A refusal carries its text as payload; anything else is a trap or a dead instance. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'payload' in error;
}

function messageOf(error: unknown): string {
  if (error instanceof Error && 'payload' in error) return String(error.payload);
  return error instanceof Error ? error.message : String(error);
}
