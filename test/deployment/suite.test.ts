import { beforeAll, describe } from 'vitest'

import { describeDeployment } from './deployment.ts'
import { describeFaults } from './faults.ts'
import { describeMainJob } from './main-job.ts'
import { describeOperation } from './operation.ts'
import { describeRemoval } from './removal.ts'
import { System } from './system.ts'
import { describeWayBack } from './way-back.ts'

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
  const recorded = describeMainJob(system)
  describeFaults(system)
  describeOperation(system)
  describeWayBack(system)
  describeRemoval(system, recorded)
})
