import { configDefaults, defineConfig } from 'vitest/config';
import { namespacePool } from './test/kubernetes/pool.ts';

const KUBERNETES = 'test/kubernetes/**/*.test.ts';

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'wasmgate',
          include: ['scanner/**/*.test.ts', 'rules/**/*.test.ts', 'policies/**/*.test.ts', 'engine/**/*.test.ts', 'webhook/**/*.test.ts', 'cli/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, KUBERNETES],
        },
      },
      // A control plane at a time, after the rest, each file in a process with a network of its own.
      { extends: true, test: { name: 'kubernetes', include: [KUBERNETES], pool: namespacePool, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
