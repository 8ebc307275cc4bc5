import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'

import type { Sides } from '../domain/alerts/sides.ts'
import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'
import { keyOf, readAll, readItem } from './table-items.ts'

/** The sides of a symbol's values, by rule, with the version for optimistic locking; 0 where nothing is stored. */
type StoredSides = { readonly version: number; readonly byRule: ReadonlyMap<string, Sides> }

/** What is remembered of symbols that rules are about. */
export type SymbolStore = {
  readSides(symbol: string): Promise<StoredSides>
  /** Writes them if the version is still the expected one. */
  commitSides(symbol: string, sides: StoredSides): Promise<'committed' | 'conflict'>
  /** Notes the minute (Unix seconds) of a bar, unless a later one is noted. */
  noteLast(symbol: string, minute: number): Promise<void>
  /** The minute of the last bar, by symbol. */
  lastMinutes(): Promise<ReadonlyMap<string, number>>
}

const side = z.union([z.literal(-1), z.literal(0), z.literal(1), z.null()])
const sidesSchema = z.record(z.string(), z.array(z.tuple([z.int(), z.int(), side])))

export function createSymbolStore(client: DynamoDBClient, table: string): SymbolStore {
  return {
    readSides: async (symbol) => {
      const item = await readItem(client, table, ['sides', symbol])
      if (item === undefined) return { version: 0, byRule: new Map() }
      return { version: Number(item['version']?.N), byRule: decode(item['text']?.S ?? '') }
    },
    commitSides: async (symbol, { version, byRule }) => {
      const put = await conditionalPut(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf('sides', symbol),
              version: { N: String(version + 1) },
              text: { S: encode(byRule) },
            },
            ConditionExpression: version === 0 ? 'attribute_not_exists(id)' : 'version = :expected',
            ...(version > 0 && {
              ExpressionAttributeValues: { ':expected': { N: String(version) } },
            }),
          }),
        ),
      )
      return put.type
    },
    noteLast: async (symbol, minute) => {
      await conditionalPut(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf('last', symbol),
            UpdateExpression: 'SET startOfBar = :minute',
            ConditionExpression: 'attribute_not_exists(startOfBar) OR startOfBar < :minute',
            ExpressionAttributeValues: { ':minute': { N: String(minute) } },
          }),
        ),
      )
    },
    lastMinutes: async () => {
      const found = new Map<string, number>()
      for await (const item of readAll(client, table, { kind: 'last' }))
        found.set(item['id']?.S ?? '', Number(item['startOfBar']?.N))
      return found
    },
  }
}

/** A tuple for each minute, since an item of DynamoDB is paid by its size. */
function encode(byRule: StoredSides['byRule']): string {
  const entries = [...byRule].map(([rule, sides]) => [
    rule,
    sides.map(({ minute, revision, side: where }) => [minute, revision, where]),
  ])
  return JSON.stringify(Object.fromEntries(entries))
}

function decode(text: string): StoredSides['byRule'] {
  const entries = Object.entries(sidesSchema.parse(JSON.parse(text)))
  return new Map(
    entries.map(([rule, sides]) => [
      rule,
      sides.map(([minute, revision, where]) => ({ minute, revision, side: where })),
    ]),
  )
}
