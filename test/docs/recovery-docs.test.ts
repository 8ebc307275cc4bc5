import { expect, it } from 'vitest'
import * as z from 'zod'

import { OTHER_ISSUER, VENUES_ON } from '../support/stage-settings.ts'
import { templateOf } from '../support/template.ts'
import { tablesOnPage } from '../system/support/lost-tables.ts'
import { headingsOf, readPage } from './page.ts'

const tableSchema = z.object({
  Properties: z.object({
    TableName: z.string(),
    AttributeDefinitions: z.array(z.unknown()),
    KeySchema: z.array(z.unknown()),
    TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.literal(true) }).optional(),
  }),
})
const PAGE = readPage('docs/recovery.md')
const lost = headingsOf(PAGE)
  .filter(({ title }) => title.startsWith('The table '))
  .flatMap(({ title }) => tablesOnPage(title, 'prod'))
const tables = Object.values(
  templateOf({ stage: 'prod', ...OTHER_ISSUER, ...VENUES_ON }).findResources('AWS::DynamoDB::GlobalTable'),
).map((resource) => tableSchema.parse(resource).Properties)

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
