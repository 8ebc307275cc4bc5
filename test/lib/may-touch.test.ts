import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { templateOf } from '../support/template.ts'

const list = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const policySchema = z.object({
  Properties: z.object({
    PolicyDocument: z.object({ Statement: z.array(z.object({ Action: list, Resource: z.unknown() })) }),
    Roles: z.array(z.object({ Ref: z.string() })),
  }),
})

const template = templateOf({ stage: 'local' })
const PARTS = ['Aggregator', 'Sweeper', 'BarWriter', 'Migrator'] as const

/** `action on resource` for every statement of the role of a part. */
function grantsOf(part: string): string[] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .map((resource) => policySchema.parse(resource).Properties)
    .filter(({ Roles }) => Roles.some(({ Ref }) => Ref.startsWith(`${part}FunctionServiceRole`)))
    .flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
        Action.map((action) => `${action} on ${JSON.stringify(Resource)}`),
      ),
    )
}

/** The parts that may do an action on a resource. */
function whoMay(action: RegExp, resource: RegExp): string[] {
  return PARTS.filter((part) =>
    grantsOf(part).some((grant) => {
      const [does = '', on = ''] = grant.split(' on ')
      return action.test(does) && resource.test(on)
    }),
  )
}

describe('the table "may touch" of the design', () => {
  it('lets only the bar-writer use the write secret, beside the migrator, who sets its password', () => {
    expect(whoMay(/^secretsmanager:/, /DatabaseWrite/)).toEqual(['BarWriter', 'Migrator'])
  })

  it('lets only the migrator use the owner secret', () => {
    expect(whoMay(/^secretsmanager:/, /DatabaseOwner/)).toEqual(['Migrator'])
  })

  it('lets only aggregator and sweeper touch the minute state', () => {
    expect(whoMay(/^dynamodb:/, /MinuteState/)).toEqual(['Aggregator', 'Sweeper'])
  })

  it('lets only aggregator and sweeper put to the stream of bars, and none of them to that of ticks', () => {
    expect(whoMay(/^kinesis:Put/, /StreamsBars/)).toEqual(['Aggregator', 'Sweeper'])
    expect(whoMay(/^kinesis:Put/, /StreamsTicks/)).toEqual([])
  })

  it('lets only the consumers put into the bucket', () => {
    expect(whoMay(/^s3:Put/, /DeadLetters/)).toEqual(['Aggregator', 'BarWriter'])
  })

  it('lets each part read its own feature flags, and none of them set one', () => {
    expect(whoMay(/^ssm:GetParameters$/, /Flagsaggregation/)).toEqual(['Aggregator', 'Sweeper'])
    expect(whoMay(/^ssm:GetParameters$/, /Flagslatecorrections/)).toEqual(['Aggregator'])
    expect(whoMay(/^ssm:GetParameters$/, /Flagsbroadcast/)).toEqual([])
    expect(whoMay(/^ssm:(?!GetParameters$)/, /./)).toEqual([])
  })

  it('has no wildcard action', () => {
    expect(
      PARTS.flatMap((part) => grantsOf(part).filter((grant) => /^\*|^[a-z0-9]+:\*/.test(grant))),
    ).toEqual([])
  })

  it('finds grants for every part', () => {
    for (const part of PARTS) expect(grantsOf(part).length).toBeGreaterThan(0)
  })
})

describe('every event source mapping', () => {
  it('reports single failures, halves, gives up by age into the bucket, and is sequential', () => {
    const mappings = Object.values(template.findResources('AWS::Lambda::EventSourceMapping'))
    expect(mappings).toHaveLength(2)
    for (const mapping of mappings)
      expect(mapping).toMatchObject({
        Properties: {
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ParallelizationFactor: 1,
          StartingPosition: 'TRIM_HORIZON',
          MaximumRecordAgeInSeconds: 82_800,
          DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        },
      })
  })
})
