import { defineConfig } from 'vitest/config'

const report = process.env['VITEST_JSON_REPORT']

/** The suite that deploys: apart from the other tests, since it takes minutes and needs an endpoint. */
export default defineConfig({
  test: {
    name: 'localstack',
    root: import.meta.dirname,
    include: ['*.test.ts'],
    // They share the endpoint and what is installed for it.
    fileParallelism: false,
    // What hangs; on a busy machine a deployment takes five minutes.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    reporters: report === undefined ? ['verbose'] : ['verbose', ['json', { outputFile: report }]],
  },
})
