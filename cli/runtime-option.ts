import { UsageError } from '../engine/usage-error.ts';
import { parseRuntime, type NamedRuntime } from '../scanner/facts/runtimes/runtime.ts';
import { textOption, type Input } from './command.ts';

/** The runtime of `--runtime NAME@VERSION`; null: none is named. Throws UsageError. */
export function runtimeOption(input: Input): NamedRuntime | null {
  const text = textOption(input, 'runtime');
  if (text === undefined) return null;
  const runtime = parseRuntime(text);
  if (typeof runtime === 'string') throw new UsageError(`${runtime} (--runtime)`, 'Write the name and, where it is known, the version: --runtime wasmtime@36.0.2');
  return runtime;
}
