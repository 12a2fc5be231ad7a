import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'models/src/**/*.test.ts',
      'bench/src/**/*.test.ts',
      'tests/**/*.test.ts',
    ],
    // Generous: a busy machine is ten times slower, and what hangs is found all the same.
    // ONNX Runtime would give this machine an id and report its use.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Each engine child holds several hundred MB of models and uses a core: two files at once is
    // what a small machine bears.
    maxWorkers: 2,
  },
})
