import { expect, it } from 'vitest'
import * as z from 'zod'

import { ALERTS_ON, OTHER_ISSUER, VENUES_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'
import { tablesOnPage } from '../system/support/lost-tables.ts'
import { headingsOf, readPage, sectionOf } from './page.ts'

const tableSchema = z.object({
  Properties: z.object({
    TableName: z.string(),
    AttributeDefinitions: z.array(z.unknown()),
    KeySchema: z.array(z.unknown()),
    Replicas: z.tuple([z.object({ DeletionProtectionEnabled: z.boolean().optional() })]),
    TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
  }),
})
const refSchema = z.object({ Ref: z.string() })
const PAGE = readPage('docs/recovery.md')
const lost = headingsOf(PAGE)
  .filter(({ title }) => title.startsWith('The table '))
  .flatMap(({ title }) => tablesOnPage(title, 'prod'))
const template = templateOf({ stage: 'prod', ...OTHER_ISSUER, ...VENUES_ON, ...ALERTS_ON })
const tables = Object.values(template.findResources('AWS::DynamoDB::GlobalTable')).map(
  (resource) => tableSchema.parse(resource).Properties,
)

it('docs/recovery.md creates each table of the stack as the stack does', () => {
  expect(new Set(lost.map(({ TableName }) => TableName))).toEqual(
    new Set(tables.map(({ TableName }) => TableName)),
  )
  for (const { TableName, AttributeDefinitions, KeySchema } of lost)
    expect(tables.find((table) => table.TableName === TableName)).toMatchObject({
      AttributeDefinitions,
      KeySchema,
    })
})

it('docs/recovery.md sets the time to live of each table that has one', () => {
  const set = [
    ...PAGE.matchAll(/update-time-to-live --table-name tickstock-\$STAGE-(\S+) \\\n.*AttributeName=(\w+)/g),
  ]
  expect(set.map(([, table, attribute]) => `tickstock-prod-${table} ${attribute}`).toSorted()).toEqual(
    tables
      .flatMap(({ TableName, TimeToLiveSpecification }) =>
        TimeToLiveSpecification ? [`${TableName} ${TimeToLiveSpecification.AttributeName}`] : [],
      )
      .toSorted(),
  )
})

it('docs/recovery.md says of each table, bucket and flag what its loss costs', () => {
  const costs = PAGE.slice(0, PAGE.indexOf('\n## '))
  for (const { TableName } of tables)
    expect(costs).toContain(`| \`${TableName.replace('tickstock-prod-', '')}\``)
  const outputs = Object.entries(template.findOutputs('*')).filter(([name]) => name.endsWith('Bucket'))
  const named = outputs.map(([name, { Value }]) => {
    expect(sectionOf(PAGE, 'Objects of a bucket are lost')).toContain(`| \`${name}\``)
    return refSchema.parse(Value).Ref
  })
  const unnamed = Object.keys(template.findResources('AWS::S3::Bucket')).filter((id) => !named.includes(id))
  // The page has a row for the files of the dashboard.
  expect(unnamed).toEqual([expect.stringMatching(/^PageFiles/)])
  expect(named).toHaveLength(3)
  for (const { Properties } of Object.values(template.findResources('AWS::SSM::Parameter')))
    expect(z.string().parse(Properties.Name)).toMatch(/^\/tickstock\/prod\/flags\//)
  expect(sectionOf(PAGE, 'A flag is lost')).toContain('/tickstock/$STAGE/flags/NAME')
})

it('docs/recovery.md and docs/deploy.md name the tables that are protected, and no others', () => {
  const kept = tables
    .filter(({ Replicas: [replica] }) => replica.DeletionProtectionEnabled)
    .map(({ TableName }) => TableName.replace('tickstock-prod-', ''))
  const [, listed = ''] = /switch on the backups and the protection of (.+?);/s.exec(PAGE) ?? []
  expect(new Set([...listed.matchAll(/`([\w-]+)`/g)].map(([, name]) => name))).toEqual(new Set(kept))
  const [, looped = ''] = /for TABLE in (.+)/.exec(readPage('docs/deploy.md')) ?? []
  expect(new Set(looped.split(' '))).toEqual(new Set(kept))
})
