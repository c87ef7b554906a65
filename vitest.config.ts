import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['scanner/**/*.test.ts', 'rules/**/*.test.ts', 'policies/**/*.test.ts', 'engine/**/*.test.ts', 'webhook/**/*.test.ts', 'cli/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
