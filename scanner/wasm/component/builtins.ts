import type { Feature } from '../features.ts';

/** What follows the opcode of a canonical built-in. */
export type Operand = 'resource' | 'stream' | 'future' | 'async' | 'cancellable' | 'memory' | 'table' | 'core-type' | 'options' | 'slot' | 'results';

/** A canonical built-in: a core function without authority of its own. */
export interface Builtin {
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly features: readonly Feature[];
  /** Why today's tools no longer write it. */
  readonly historic?: string;
}

const ASYNC: readonly Feature[] = ['component-async'];
const THREADS: readonly Feature[] = ['component-threads'];
const SHARED_THREADS: readonly Feature[] = ['component-threads', 'shared-everything-threads'];
const ERROR_CONTEXT: readonly Feature[] = ['component-error-context'];

/**
 * By opcode. Component model "Binary.md", canonical definitions. The thread spawning ones have no shared flag here:
 * the specification's text has one, the tools that write binaries do not.
 */
export const BUILTINS: Readonly<Record<number, Builtin>> = {
  0x02: { name: 'resource.new', operands: ['resource'], features: [] },
  0x03: { name: 'resource.drop', operands: ['resource'], features: [] },
  0x04: { name: 'resource.rep', operands: ['resource'], features: [] },
  0x05: { name: 'task.cancel', operands: [], features: ASYNC },
  0x06: { name: 'subtask.cancel', operands: ['async'], features: ASYNC },
  0x07: { name: 'resource.drop', operands: ['resource'], features: ['component-async-builtins'], historic: 'async form, removed in December 2025' },
  0x08: { name: 'backpressure.set', operands: [], features: ASYNC, historic: 'removed in July 2026' },
  0x09: { name: 'task.return', operands: ['results', 'options'], features: ASYNC },
  0x0a: { name: 'context.get', operands: ['slot'], features: ASYNC },
  0x0b: { name: 'context.set', operands: ['slot'], features: ASYNC },
  0x0c: { name: 'thread.yield', operands: ['cancellable'], features: ASYNC },
  0x0d: { name: 'subtask.drop', operands: [], features: ASYNC },
  0x0e: { name: 'stream.new', operands: ['stream'], features: ASYNC },
  0x0f: { name: 'stream.read', operands: ['stream', 'options'], features: ASYNC },
  0x10: { name: 'stream.write', operands: ['stream', 'options'], features: ASYNC },
  0x11: { name: 'stream.cancel-read', operands: ['stream', 'async'], features: ASYNC },
  0x12: { name: 'stream.cancel-write', operands: ['stream', 'async'], features: ASYNC },
  0x13: { name: 'stream.drop-readable', operands: ['stream'], features: ASYNC },
  0x14: { name: 'stream.drop-writable', operands: ['stream'], features: ASYNC },
  0x15: { name: 'future.new', operands: ['future'], features: ASYNC },
  0x16: { name: 'future.read', operands: ['future', 'options'], features: ASYNC },
  0x17: { name: 'future.write', operands: ['future', 'options'], features: ASYNC },
  0x18: { name: 'future.cancel-read', operands: ['future', 'async'], features: ASYNC },
  0x19: { name: 'future.cancel-write', operands: ['future', 'async'], features: ASYNC },
  0x1a: { name: 'future.drop-readable', operands: ['future'], features: ASYNC },
  0x1b: { name: 'future.drop-writable', operands: ['future'], features: ASYNC },
  0x1c: { name: 'error-context.new', operands: ['options'], features: ERROR_CONTEXT },
  0x1d: { name: 'error-context.debug-message', operands: ['options'], features: ERROR_CONTEXT },
  0x1e: { name: 'error-context.drop', operands: [], features: ERROR_CONTEXT },
  0x1f: { name: 'waitable-set.new', operands: [], features: ASYNC },
  0x20: { name: 'waitable-set.wait', operands: ['cancellable', 'memory'], features: ASYNC },
  0x21: { name: 'waitable-set.poll', operands: ['cancellable', 'memory'], features: ASYNC },
  0x22: { name: 'waitable-set.drop', operands: [], features: ASYNC },
  0x23: { name: 'waitable.join', operands: [], features: ASYNC },
  0x24: { name: 'backpressure.inc', operands: [], features: ASYNC },
  0x25: { name: 'backpressure.dec', operands: [], features: ASYNC },
  0x26: { name: 'thread.index', operands: [], features: THREADS },
  0x27: { name: 'thread.new-indirect', operands: ['core-type', 'table'], features: THREADS },
  0x28: { name: 'thread.resume-later', operands: [], features: THREADS },
  0x29: { name: 'thread.suspend', operands: ['cancellable'], features: THREADS },
  0x2a: { name: 'thread.suspend-then-resume', operands: ['cancellable'], features: THREADS },
  0x2b: { name: 'thread.yield-then-resume', operands: ['cancellable'], features: THREADS },
  0x2c: { name: 'thread.suspend-then-promote', operands: ['cancellable'], features: THREADS },
  0x2d: { name: 'thread.yield-then-promote', operands: ['cancellable'], features: THREADS },
  0x40: { name: 'thread.spawn-ref', operands: ['core-type'], features: SHARED_THREADS },
  0x41: { name: 'thread.spawn-indirect', operands: ['core-type', 'table'], features: SHARED_THREADS },
  0x42: { name: 'thread.available-parallelism', operands: [], features: SHARED_THREADS },
};
