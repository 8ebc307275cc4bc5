import { defineConfig } from 'vitest/config'

const report = process.env['VITEST_JSON_REPORT']

/**
 * Those whose bars come of many batches of a shard, or whose functions are killed between two. The others put a few records, or
 * none.
 */
const FILES = ['broadcast', 'chaos', 'failures', 'history-again', 'recorded', 'recovery', 'sigkill']

/** System tests again, with the affinity that `npm start` has: a shard's batches go to one worker. `npm test` has none. */
export default defineConfig({
  test: {
    name: 'system, with affinity',
    root: import.meta.dirname,
    include: FILES.map((name) => `${name}{,.long}.test.ts`),
    globalSetup: ['../support/temporary-folder.ts', './support/prepare-database.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    maxWorkers: 3,
    env: { TICKSTOCK_AFFINITY: 'shard', TICKSTOCK_IAM: 'enforced' },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})
