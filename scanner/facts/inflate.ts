/**
 * Inflates zlib data (RFC 1950), given by whoever has the means. Gives at most `maximumBytes`; null, or a throw, when
 * the data is damaged or would be longer: a declared size is never trusted.
 */
export type Inflate = (compressed: Uint8Array, maximumBytes: number) => Uint8Array | null;
