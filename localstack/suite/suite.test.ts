import { beforeAll, describe } from 'vitest'

import { describeDeployment } from './deployment.ts'
import { describeFaults } from './faults.ts'
import { describeMainJob } from './main-job.ts'
import { describeOperation } from './operation.ts'
import { System } from './system.ts'

let opened: System
const system = (): System => opened

beforeAll(async () => {
  opened = await System.open()
  process.stdout.write(`stage local at ${opened.endpoint.name}, ${opened.endpoint.url}\n`)
  return () => opened.close()
})

/** In this order: each builds on what the ones before have left. */
describe('stage local', () => {
  describeDeployment(system)
  describeMainJob(system)
  describeFaults(system)
  describeOperation(system)
})
