import { defineConfig } from 'vitest/config'

const report = process.env['VITEST_JSON_REPORT']

export default defineConfig({
  test: {
    globalSetup: 'test/support/temporary-folder.ts',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.server.test.ts', 'test/system/**', 'test/deployment/**'],
          // A worker loads the CDK and the SDK once, not for each file.
          isolate: false,
          testTimeout: 60_000,
          // The CDK judges a template for seconds: test/bin/app.test.ts and the embedded deployment let it.
          env: { CDK_VALIDATION: 'false' },
        },
      },
      {
        test: {
          name: 'server',
          include: ['test/**/*.server.test.ts'],
          globalSetup: ['test/support/prepared-cluster.ts', 'test/support/shared-server.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
