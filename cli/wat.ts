/** Turns the text form of a module or component into bytes, without a check of what it means. Throws with the converter's words. */
export async function watToWasm(text: string): Promise<Uint8Array> {
  const { parse } = await import('@bytecodealliance/jco-transpile/wasm-tools');
  try {
    return Uint8Array.from(await parse(text));
  } catch (error) {
    const words = error instanceof Error && 'payload' in error ? String(error.payload) : error instanceof Error ? error.message : String(error);
    throw new Error(`Text not parsed: ${words.trim()}`, { cause: error });
  }
}
