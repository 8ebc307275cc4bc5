import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

const report = process.env['VITEST_JSON_REPORT']
// By itself Vitest leaves a core free, which of two is half.
const maxWorkers = Math.min(availableParallelism(), 4)
// The CDK judges each template for a second or more: test/system/app.test.ts lets it, for stages `local` and `prod`.
const env = { CDK_VALIDATION: 'false' }

export default defineConfig({
  test: {
    globalSetup: 'test/support/temporary-folder.ts',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{test,localstack}/**/*.test.ts'],
          exclude: ['**/*.server.test.ts', '**/node_modules/**', 'test/system/**', 'test/deployment/**'],
          testTimeout: 120_000,
          maxWorkers,
          // A worker loads the CDK and the SDK once, not for each file; it does while the next file is of its project, too.
          isolate: false,
          sequence: { groupOrder: 0 },
          env,
        },
      },
      {
        test: {
          name: 'server',
          include: ['{test,localstack}/**/*.server.test.ts'],
          globalSetup: ['test/support/prepared-cluster.ts', 'test/support/shared-server.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers,
          isolate: false,
          sequence: { groupOrder: 1 },
          env,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/system/support/prepare-database.ts',
          testTimeout: 300_000,
          hookTimeout: 600_000,
          // Some of them wait: for an outage to last, for a part to be given up on.
          maxWorkers: maxWorkers + 1,
          sequence: { groupOrder: 2 },
          // A batch of a shard goes to any worker, as on Lambda; with-affinity.config.ts there runs them the other way.
          env: { TICKSTOCK_AFFINITY: 'none' },
        },
      },
    ],
  },
})
