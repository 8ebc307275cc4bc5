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
          include: ['{test,localstack}/**/*.test.ts'],
          exclude: ['**/*.server.test.ts', '**/node_modules/**', 'test/system/**', 'test/deployment/**'],
        },
      },
      {
        test: {
          name: 'server',
          include: ['{test,localstack}/**/*.server.test.ts'],
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
