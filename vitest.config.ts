import { availableParallelism } from 'node:os'

import { defineConfig, type ViteUserConfig } from 'vitest/config'

const report = process.env['VITEST_JSON_REPORT']
// By itself Vitest leaves a core free, which of two is half.
const maxWorkers = Math.min(availableParallelism(), 4)
const env = {
  // The CDK judges each template for a second or more: test/system/app.long.test.ts lets it, for stages `local` and `prod`.
  CDK_VALIDATION: 'false',
  // It keeps the stack of the call that made each resource, which takes a third of a synthesis.
  CDK_DISABLE_STACK_TRACE: '1',
}

const TESTS = ['{test,localstack}/**/*.test.ts']
const OTHERS = ['**/node_modules/**', 'test/deployment/**']
const SERVER = '**/*.server{,.long}.test.ts'
const SYSTEM = 'test/system/**/*.test.ts'
/**
 * What `npm test` leaves to `npm run test:long`, so that it answers in minutes: files whose tests take more than 5 CPU seconds, 10 with a
 * server, or 25 with a deployment. The recorded days in the domain, and the kill of the whole process, stay, whatever they take.
 */
const LONG = '**/*.long.test.ts'

const unit = {
  testTimeout: 300_000,
  maxWorkers,
  // A worker loads the CDK and the SDK once, not for each file; it does while the next file is of its project, too.
  isolate: false,
  env,
}
const server = {
  ...unit,
  globalSetup: ['test/support/prepared-cluster.ts', 'test/support/shared-server.ts'],
  hookTimeout: 300_000,
}
const system = {
  globalSetup: 'test/system/support/prepare-database.ts',
  testTimeout: 600_000,
  hookTimeout: 600_000,
  // Some of them wait: for an outage to last, for a part to be given up on.
  maxWorkers: maxWorkers + 1,
  // A batch of a shard goes to any worker, as on Lambda; with-affinity.config.ts there runs them the other way. A function may
  // do what its policies say.
  env: { TICKSTOCK_AFFINITY: 'none', TICKSTOCK_IAM: 'enforced' },
}
/** Two workers of a function are enough for a batch to meet another; those of `long-system` have four, as a command has. */
const twoWorkers = { ...system, env: { ...system.env, TICKSTOCK_SHARD_WORKERS: '2' } }

export default defineConfig({
  test: {
    globalSetup: 'test/support/temporary-folder.ts',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      project('unit', 0, { ...unit, include: TESTS, exclude: [SERVER, SYSTEM, LONG, ...OTHERS] }),
      project('server', 1, {
        ...server,
        include: [`{test,localstack}/${SERVER}`],
        exclude: [LONG, ...OTHERS],
      }),
      project('system', 2, { ...twoWorkers, include: [SYSTEM], exclude: [LONG] }),
      project('long', 3, {
        ...unit,
        include: [`{test,localstack}/${LONG}`],
        exclude: [SERVER, SYSTEM, ...OTHERS],
      }),
      project('long-server', 4, {
        ...server,
        include: ['{test,localstack}/**/*.server.long.test.ts'],
        exclude: OTHERS,
      }),
      project('long-system', 5, { ...system, include: ['test/system/**/*.long.test.ts'] }),
    ],
  },
})

/** A project that runs after those before it. */
function project(name: string, groupOrder: number, test: NonNullable<ViteUserConfig['test']>) {
  return { test: { ...test, name, sequence: { groupOrder } } }
}
