import { decodeComponent } from './component/decode.ts';
import type { Component } from './component.ts';
import type { Decoded } from './decoded.ts';
import { PROBLEM_EFFECTS } from './error.ts';
import { recognise } from './first-bytes.ts';
import { LIMITS } from './limits.ts';
import type { Depth } from './module.ts';
import { decodeModule } from './module-decoder.ts';

/** How much to decode. */
export interface DecodeOptions {
  /** Default: `full`. */
  readonly depth?: Depth;
}

const COMPONENT_VERSION = 0x0d;
/** First version whose frame is the same; 0A to 0C are drafts of 2022 and 2023. */
const OLDEST_COMPONENT_VERSION = 0x0a;

/**
 * Decodes an artifact's bytes: a core module, a component, or what else they are recognised as. Never throws for bad
 * input; what is wrong with it stands in `problems`. Core specification 5.5.1, component model "Binary.md".
 */
export function decode(given: Uint8Array, options: DecodeOptions = {}): Decoded {
  const bytes = plain(given);
  const depth = options.depth ?? 'full';
  if (!hasMagic(bytes)) return recognise(bytes);
  if (bytes.length > LIMITS.artifactBytes) return tooLarge(bytes);
  const version = bytes[4]! | (bytes[5]! << 8);
  const layer = bytes[6]! | (bytes[7]! << 8);
  const component = bytes.length >= 8 && layer === 1 && version >= OLDEST_COMPONENT_VERSION && version <= COMPONENT_VERSION;
  if (!component) return decodeModule(bytes, 0, bytes.length, { depth });
  const decoded = decodeComponent(bytes, 0, bytes.length, { depth, nesting: 0 });
  return version === COMPONENT_VERSION ? decoded : withHistoricVersion(decoded, version);
}

/** A view without methods of its own, such as Node's Buffer has: loops that have met two kinds of view are slower. */
function plain(bytes: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(bytes) === Uint8Array.prototype ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hasMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0x00 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

function tooLarge(bytes: Uint8Array): Decoded {
  const message = `Artifact too large: ${bytes.length} bytes, limit ${LIMITS.artifactBytes}`;
  return { kind: 'unknown', format: 'wasm', title: 'WebAssembly binary', problems: [{ code: 'limit-exceeded', message, offset: 0, section: null, effect: PROBLEM_EFFECTS['limit-exceeded'] }] };
}

/** Shown as far as it decodes, but never as analysed: the meaning of some bytes has changed since. */
function withHistoricVersion(component: Component, version: number): Component {
  const message = `Historic component version 0x${version.toString(16)}: decoded as 0xd`;
  const problem = { code: 'unknown-encoding', message, offset: 4, section: null, effect: PROBLEM_EFFECTS['unknown-encoding'] } as const;
  return { ...component, problems: [problem, ...component.problems] };
}
