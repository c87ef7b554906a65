import { harmless } from '../scanner/report/harmless.ts';
import type { ScanContext } from '../scanner/scan-context.ts';
import type { Stream } from './io.ts';

/** Says every bug of ours on stderr, with its stack where `debug` is asked for. The result carries verdict error all the same. */
export function sayBugs(stderr: Stream, detail: 'message' | 'stack'): ScanContext['onBug'] {
  return (error, where) => {
    const message = error instanceof Error ? error.message : String(error);
    const stack = detail === 'stack' && error instanceof Error ? (error.stack ?? '').split('\n').map((line) => `${harmless(line)}\n`).join('') : '';
    stderr.write(`wasmgate: Internal error in ${harmless(where)}: ${harmless(message)}\n${stack}`);
  };
}
