import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type {
  AttributeDefinition,
  CreateTableCommandInput,
  KeySchemaElement,
  Projection,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { DynamodbReply, DynamodbRequest, DynamodbWorkerData } from './dynamodb-worker.ts'
import { compileCache } from '../../compile-cache.ts'
import { DamagedError, EmbeddedRuntimeError, messageOf, ResourceError } from '../../errors.ts'
import { answer } from '../../http/answer.ts'
import { startHttpServer } from '../../http/http.ts'
import type { HttpHandler } from '../../http/message.ts'
import { makeFolder } from '../../storage/owner-only.ts'
import { isDamagedLog } from './write-log.ts'

/**
 * DynamoDB by dynalite, in a thread of its own so that it does not hold up the others. It has no transactions,
 * no streams and no time to live: items past it stay.
 */
export type Dynamodb = {
  readonly handle: HttpHandler
  /** Creates a table unless it exists; throws a ResourceError if it exists with other keys or indexes. */
  readonly ensureTable: (table: TableDefinition) => Promise<{ readonly arn: string; readonly id: string }>
  readonly hasTable: (name: string) => Promise<boolean>
  readonly close: () => Promise<void>
}

export type TableDefinition = Pick<
  CreateTableCommandInput,
  'TableName' | 'AttributeDefinitions' | 'KeySchema' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'
>

/** The largest request that DynamoDB takes. */
export const largestDynamodbBody = 16 * 1024 * 1024

/** Opens the tables kept in `folder`, on no port; throws a DamagedError if they cannot be opened. */
export async function openDynamodb(folder: string, region: string): Promise<Dynamodb> {
  makeFolder(folder)
  refuseDamaged(folder)
  const workerData: DynamodbWorkerData = { folder }
  const worker = new Worker(new URL('./dynamodb-worker.ts', import.meta.url), {
    name: 'dynamodb',
    workerData,
    env: { ...compileCache(), AWS_REGION: region, AWS_ACCOUNT_ID: '000000000000' },
    execArgv: [],
  })
  const { promise: exited, resolve: onExit } = Promise.withResolvers<number>()
  worker.once('exit', onExit)
  const handle = handlerOf(worker)
  await proven(handle, worker, folder)
  return {
    handle,
    ensureTable: (table) => ensureTable(handle, table),
    hasTable: async (name) => (await describe(handle, { TableName: name })) !== undefined,
    close: async () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage('stop')
      await exited
    },
  }
}

export type DynamodbServer = Dynamodb & { readonly endpoint: string }

/** Serves the tables kept in `folder` on a port of their own; throws a DamagedError if they cannot be opened. */
export async function startDynamodb(folder: string, region: string): Promise<DynamodbServer> {
  const dynamodb = await openDynamodb(folder, region)
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
      await dynamodb.close()
    },
  }
}

/** Lets the thread answer. */
function handlerOf(worker: Worker): HttpHandler {
  const waiting = new Map<number, (reply: DynamodbReply) => void>()
  let last = 0
  worker.on('message', (message: DynamodbReply) => {
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  return ({ method, headers, body }) => {
    const request: DynamodbRequest = { id: ++last, method, headers, body }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(request)
    return new Promise((resolve) => {
      waiting.set(request.id, resolve)
    })
  }
}

/** What LevelDB would not tell: it deletes tables without the file that names their manifest, and logs it cannot read. */
function refuseDamaged(folder: string): void {
  const files = readdirSync(folder)
  if (files.some((name) => /^MANIFEST-|\.(ldb|log)$/.test(name)) && !files.includes('CURRENT'))
    throw new DamagedError(folder, 'is damaged (its file CURRENT is missing)')
  for (const name of files)
    if (name.endsWith('.log') && isDamagedLog(readFileSync(join(folder, name))))
      throw new DamagedError(join(folder, name), 'is damaged (a checksum is wrong)')
}

/** A folder that cannot be opened kills the thread only at the first request: so make one. */
async function proven(handle: HttpHandler, worker: Worker, folder: string): Promise<void> {
  const crash = Promise.withResolvers<never>()
  worker.once('error', crash.reject)
  try {
    await Promise.race([call(handle, 'ListTables', {}), crash.promise])
    // From now on a crash of the thread ends the process, which is useless without its tables.
    worker.off('error', crash.reject)
  } catch (error) {
    throw new DamagedError(folder, `is damaged (LevelDB cannot open it: ${messageOf(error)})`, {
      cause: error,
    })
  }
}

/** What DynamoDB answers: an error has `__type`. */
const answerSchema = z.looseObject({ __type: z.string().optional(), message: z.string().optional() })

async function call(handle: HttpHandler, operation: string, input: unknown) {
  const { body } = await handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20120810T000000Z',
      authorization: 'AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=none',
    },
    body: Buffer.from(JSON.stringify(input)),
  })
  const answered = answerSchema.parse(JSON.parse(String(body)))
  if (answered.__type === undefined || answered.__type.endsWith('#ResourceNotFoundException')) return answered
  throw new EmbeddedRuntimeError(`DynamoDB refused ${operation}: ${answered.message ?? answered.__type}`)
}

async function ensureTable(handle: HttpHandler, table: TableDefinition) {
  let existing = await describe(handle, table)
  if (existing === undefined) await call(handle, 'CreateTable', { ...table, BillingMode: 'PAY_PER_REQUEST' })
  while (existing?.TableStatus !== 'ACTIVE') existing = await describe(handle, table)
  const [found, wanted] = [keysOf(existing), keysOf(table)]
  if (found !== wanted) {
    throw new ResourceError(
      `Table ${table.TableName} exists with the keys ${found}; the template wants ${wanted}. ` +
        'Rename the table, or start with a new data folder.',
    )
  }
  return { arn: existing.TableArn, id: existing.TableId }
}

type Keyed = {
  readonly IndexName?: string | undefined
  readonly KeySchema?: KeySchemaElement[] | undefined
  readonly Projection?: Projection | undefined
}

type KeyedTable = Keyed & {
  readonly AttributeDefinitions?: readonly AttributeDefinition[] | undefined
  readonly GlobalSecondaryIndexes?: readonly Keyed[] | undefined
  readonly LocalSecondaryIndexes?: readonly Keyed[] | undefined
}

/** The keys of a table and its indexes as text, to compare and to show. */
function keysOf(table: KeyedTable): string {
  const typeOf = (name: string | undefined) =>
    table.AttributeDefinitions?.find(({ AttributeName }) => AttributeName === name)?.AttributeType ?? '?'
  const shown = (what: string, { KeySchema = [], Projection: projection }: Keyed): string => {
    const key = KeySchema.map(
      ({ AttributeName, KeyType }) => `${AttributeName} ${typeOf(AttributeName)} ${KeyType}`,
    )
    const { ProjectionType: type, NonKeyAttributes: attributes = [] } = projection ?? {}
    const projected = type === undefined ? '' : ` ${[type, ...attributes.toSorted()].join(' ')}`
    return `${what} (${key.join(', ')})${projected}`
  }
  const keyed = [
    shown('table', table),
    ...(table.GlobalSecondaryIndexes ?? []).map((each) => shown(`global ${each.IndexName}`, each)),
    ...(table.LocalSecondaryIndexes ?? []).map((each) => shown(`local ${each.IndexName}`, each)),
  ]
  return keyed.toSorted().join(', ')
}

const keysSchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
const indexesSchema = z.array(
  z.object({
    IndexName: z.string(),
    KeySchema: keysSchema,
    Projection: z.object({
      ProjectionType: z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY']),
      NonKeyAttributes: z.array(z.string()).optional(),
    }),
  }),
)
const tableSchema = z.object({
  TableStatus: z.string(),
  TableArn: z.string().default(''),
  TableId: z.string().default(''),
  TableName: z.string(),
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: keysSchema,
  GlobalSecondaryIndexes: indexesSchema.optional(),
  LocalSecondaryIndexes: indexesSchema.optional(),
})

async function describe(handle: HttpHandler, { TableName }: Pick<TableDefinition, 'TableName'>) {
  const { Table } = await call(handle, 'DescribeTable', { TableName })
  return Table === undefined ? undefined : tableSchema.parse(Table)
}
