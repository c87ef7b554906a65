import type { Inflate } from '../scanner/facts/inflate.ts';

/** Node's inflate, with the bound that the engine asks for. Loaded when first needed, for the sake of the start. */
export const inflate: Inflate = (compressed, most) => process.getBuiltinModule('node:zlib').inflateSync(compressed, { maxOutputLength: most });
