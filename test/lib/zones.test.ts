import { describe, expect, it } from 'vitest'

import { templateOf } from '../support/template.ts'

function zonesOf(context: Readonly<Record<string, string>>): unknown[] {
  const subnets = Object.values(templateOf({ stage: 'prod', ...context }).findResources('AWS::EC2::Subnet'))
  return subnets.map(({ Properties }) => Properties.AvailabilityZone)
}

describe('the networks', () => {
  it('are in the first two zones of the region', () => {
    const first = [0, 1].map((index) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] }))
    expect(zonesOf({})).toEqual(first)
  })

  it('are in the zones of the config, for databases, functions and venues', () => {
    const given = { region: 'us-east-1', zones: 'us-east-1b,us-east-1f' }
    expect(zonesOf(given)).toEqual(['us-east-1b', 'us-east-1f'])
    expect(zonesOf({ ...given, venues: 'kraken' })).toEqual([
      'us-east-1b',
      'us-east-1f',
      'us-east-1b',
      'us-east-1f',
    ])
  })
})
