import { describe, expect, it } from 'vitest'

import { readInstanceClass } from '../../../../functions/shared/cost/instance-class.ts'
import { MONTH_HOURS, type Standing, standingCost } from '../../../../functions/shared/cost/standing.ts'

describe('a class of database instance', () => {
  // https://aws.amazon.com/rds/instance-types/
  it.each([
    ['t4g.micro', 2, 1],
    ['t4g.small', 2, 2],
    ['t4g.medium', 2, 4],
    ['t4g.large', 2, 8],
    ['t4g.xlarge', 4, 16],
    ['t4g.2xlarge', 8, 32],
    ['m7g.large', 2, 8],
    ['m6gd.xlarge', 4, 16],
    ['m8g.16xlarge', 64, 256],
    ['r7g.large', 2, 16],
    ['r6gd.12xlarge', 48, 384],
    ['x2g.large', 2, 32],
    ['x8g.8xlarge', 32, 512],
  ])('%s has %i processors and %i GiB', (name, vcpus, memoryGib) => {
    expect(readInstanceClass(name)).toEqual({ vcpus, memoryGib })
  })

  it.each([
    ['t4g.micro', 2],
    ['m7g.large', 2],
    ['m7g.xlarge', 4],
    ['m7g.2xlarge', 8],
  ])('%s pays for %i processors of a proxy', (instance, vcpus) => {
    const rds = (hasProxy: boolean) =>
      standingCost(standing({ instance, zones: 2, gib: 20, hasProxy }))?.RDS ?? 0
    expect(rds(true) - rds(false)).toBeCloseTo(vcpus * 0.015 * MONTH_HOURS, 6)
  })
})

function standing(database: Standing['database']): Standing {
  return {
    shards: 0,
    fanOutShards: 0,
    onDemandStreams: 0,
    retentionHours: 24,
    database,
    secrets: 0,
    keys: 0,
    webAcls: 0,
    webAclRules: 0,
    endpointZones: 0,
    metrics: 0,
    alarmMetrics: 0,
    compositeAlarms: 0,
    dashboards: 0,
    loadBalancers: 0,
    loadBalancerZones: 0,
    tasks: 0,
    taskVcpus: 0,
    taskGb: 0,
  }
}
