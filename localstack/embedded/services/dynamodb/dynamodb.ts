import { randomUUID } from 'node:crypto'
import type * as z from 'zod'
import { ResourceError } from '../../errors.ts'
import { answer } from '../../http/answer.ts'
import { startHttpServer } from '../../http/http.ts'
import type { HttpHandler } from '../../http/message.ts'
import type { ActionContext } from './actions/action.ts'
import { createRequestTokens } from './actions/request-tokens.ts'
import { handleDynamodbRequest } from './handle-request.ts'
import { tableSchema } from './store/table-definition.ts'
import { openTableStore, type TableStore } from './store/table-store.ts'
import { tableKeys } from './table-keys.ts'

/** DynamoDB over SQLite. It has no streams and no time to live: items past it stay. */
export type Dynamodb = {
  readonly handle: HttpHandler
  /** Creates a table unless it exists; throws a ResourceError if it exists with other keys or indexes. */
  readonly ensureTable: (table: DeclaredTable) => { readonly arn: string; readonly id: string }
  readonly hasTable: (name: string) => boolean
  readonly close: () => void
}

export type DeclaredTable = Omit<z.input<typeof tableSchema>, 'BillingMode' | 'ProvisionedThroughput'>

/** The largest request that DynamoDB takes. */
export const largestDynamodbBody = 16 * 1024 * 1024

/**
 * Opens the tables kept in `folder`, on no port.
 * @throws StartError when another process uses the folder; a DamagedError when what it holds cannot be read.
 */
export function openDynamodb(
  folder: string,
  region: string,
  throttles: ActionContext['throttles'] = () => false,
): Dynamodb {
  const store = openTableStore(folder)
  const context: ActionContext = {
    store,
    tokens: createRequestTokens(),
    throttles,
    arnOf: (table) => `arn:aws:dynamodb:${region}:000000000000:table/${table}`,
  }
  return {
    handle: ({ headers, body }) => ({
      ...handleDynamodbRequest(context, String(headers['x-amz-target'] ?? ''), body.toString()),
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
    }),
    ensureTable: (table) => ensureTable(context, table),
    hasTable: (name) => store.catalog.find(name) !== undefined,
    close: () => store.close(),
  }
}

function ensureTable({ store, arnOf }: ActionContext, declared: DeclaredTable) {
  const wanted = tableSchema.parse({ ...declared, BillingMode: 'PAY_PER_REQUEST' })
  const table = store.catalog.find(wanted.TableName) ?? store.catalog.create(wanted)
  refuseOtherKeys(table.definition, wanted)
  return { arn: arnOf(table.name), id: table.uuid }
}

type Definition = ReturnType<TableStore['catalog']['tableOf']>['definition']

function refuseOtherKeys(found: Definition, wanted: Definition): void {
  const [existing, declared] = [tableKeys(found), tableKeys(wanted)]
  if (existing === declared) return
  throw new ResourceError(
    `Table ${wanted.TableName} exists with the keys ${existing}; the template wants ${declared}. ` +
      'Rename the table, or start with a new data folder.',
  )
}

export type DynamodbServer = Omit<Dynamodb, 'close'> & {
  readonly endpoint: string
  readonly close: () => Promise<void>
}

/**
 * Serves the tables kept in `folder` on a port of their own.
 * @throws StartError when the folder cannot be used.
 */
export async function startDynamodb(
  folder: string,
  region: string,
  throttles?: ActionContext['throttles'],
): Promise<DynamodbServer> {
  const dynamodb = openDynamodb(folder, region, throttles)
  const server = await startHttpServer(
    0,
    (incoming, outgoing) =>
      void answer(incoming, outgoing, dynamodb.handle, { maxBodyBytes: largestDynamodbBody }),
  )
  return {
    ...dynamodb,
    endpoint: server.endpoint,
    close: async () => {
      await server.close()
      dynamodb.close()
    },
  }
}
