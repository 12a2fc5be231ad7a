import { defineConfig } from 'vitest/config'
import { cleanEnvironment } from './tests/environment.js'
import { missing } from './tests/servers/requirement.js'

cleanEnvironment(process.env)
process.umask(0o022)

const EMBEDDED = [
  'packages/*/src/**/*.test.ts',
  'apps/*/src/**/*.test.{ts,tsx}',
  'models/src/**/*.test.ts',
  'bench/src/**/*.test.ts',
  'tests/**/*.test.ts',
]
/**
 * The API's own tests, which pass unchanged on PostgreSQL, Redis and S3 instead of the embedded
 * services.
 */
const PRODUCTION = ['apps/api/src/routes/**/*.test.ts', 'apps/api/src/access/**/*.test.ts', 'apps/api/src/clients.test.ts']
const hasServers = !missing('initdb') && !missing('redis-server') && !missing('radosgw')

export default defineConfig({
  test: {
    // ONNX Runtime would give this machine an id and report its use.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    // Generous: a busy machine is ten times slower, and what hangs is found nevertheless.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 200_000 } },
    // Once, for what depends on processes and signals of a busy machine; a fault fails twice.
    retry: 1,
    // Each engine child holds several hundred MB of models and uses a core: two files at once is
    // what a small machine bears.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'embedded', include: EMBEDDED, globalSetup: 'tests/build.ts' } },
      ...(hasServers
        ? [
            {
              extends: true as const,
              test: {
                name: 'production',
                include: PRODUCTION,
                globalSetup: 'apps/api/src/test/production.ts',
                setupFiles: 'apps/api/src/test/use-servers.ts',
              },
            },
          ]
        : []),
    ],
  },
})
