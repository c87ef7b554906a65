import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { ForksPoolWorker, type PoolRunnerInitializer } from 'vitest/node';

/**
 * The pool of the tests of this folder: vitest's own processes, each started by in-namespace.sh, so that a test and all that it
 * starts live in a network of their own. The channel to vitest is a pair of sockets without addresses and needs no network.
 */
export const namespacePool: PoolRunnerInitializer = { name: 'namespace', createPoolWorker: (options) => new NamespaceWorker(options) };

class NamespaceWorker extends ForksPoolWorker {
  override async start(): Promise<void> {
    // The base class takes a process that is there already; a test that finds itself outside a namespace says so (namespace.ts).
    const worker = this as unknown as { _fork?: ChildProcess };
    worker._fork ??= fork(this.entrypoint, [], {
      execPath: join(import.meta.dirname, 'in-namespace.sh'), execArgv: [process.execPath, ...this.execArgv], env: this.env, stdio: 'pipe', serialization: 'advanced',
    });
    await super.start();
  }
}
