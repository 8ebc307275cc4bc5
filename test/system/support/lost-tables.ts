import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'

import { readPage, sectionOf } from '../../docs/page.ts'

const attribute = z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })
const key = z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })

/** The tables that the commands of a section of docs/recovery.md create, as they stand there, of a stage. */
export function tablesOnPage(section: string, stage: string): CreateTableCommandInput[] {
  const text = sectionOf(readPage('docs/recovery.md'), section).replaceAll('\\\n', ' ')
  return [...text.matchAll(/^aws dynamodb create-table (.+)$/gm)].map(([, words = '']) => {
    const options = new Map(
      words
        .trim()
        .split(/(?:^|\s+)--/)
        .slice(1)
        .map((option): [string, string[]] => {
          const [name = '', ...values] = option.split(/\s+/)
          return [name, values]
        }),
    )
    return {
      TableName: z.string().parse(options.get('table-name')?.[0]).replaceAll('$STAGE', stage),
      BillingMode: z.literal('PAY_PER_REQUEST').parse(options.get('billing-mode')?.[0]),
      AttributeDefinitions: z.array(attribute).parse(options.get('attribute-definitions')?.map(fields)),
      KeySchema: z.array(key).parse(options.get('key-schema')?.map(fields)),
    }
  })
}

/** `A=1,B=2`, as the AWS command line takes it. */
function fields(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((field) => field.split('=')))
}

export async function loseTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(new DeleteTableCommand({ TableName }))
}

/** Creates a table as the page says. */
export async function createTable(client: DynamoDBClient, section: string, TableName: string): Promise<void> {
  const table = tablesOnPage(section, 'local').find((each) => each.TableName === TableName)
  if (table === undefined) throw new Error(`${section} of docs/recovery.md does not create ${TableName}`)
  await client.send(new CreateTableCommand(table))
}
