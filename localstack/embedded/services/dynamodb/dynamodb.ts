import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import type {
  AttributeDefinition,
  CreateTableCommandInput,
  KeySchemaElement,
  Projection,
} from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import type { DynamodbWorkerData } from './dynamodb-worker.ts'
import { DamagedError, messageOf, ResourceError } from '../../errors.ts'
import { loopback } from '../../http/http.ts'
import { isDamagedLog } from './write-log.ts'

/**
 * DynamoDB by dynalite, in a thread of its own so that it does not hold up the others. It has no transactions,
 * no streams and no time to live: items past it stay.
 */
export type DynamodbServer = {
  readonly endpoint: string
  /** Creates a table unless it exists; throws a ResourceError if it exists with other keys or indexes. */
  readonly ensureTable: (table: TableDefinition) => Promise<{ readonly arn: string; readonly id: string }>
  readonly hasTable: (name: string) => Promise<boolean>
  readonly close: () => Promise<void>
}

export type TableDefinition = Pick<
  CreateTableCommandInput,
  'TableName' | 'AttributeDefinitions' | 'KeySchema' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'
>

/** Serves the tables kept in `folder` on a free port of loopback; throws a DamagedError if they cannot be opened. */
export async function startDynamodb(folder: string, region: string): Promise<DynamodbServer> {
  mkdirSync(folder, { recursive: true })
  refuseDamaged(folder)
  const workerData: DynamodbWorkerData = { folder, host: loopback }
  const worker = new Worker(new URL('./dynamodb-worker.ts', import.meta.url), {
    name: 'dynamodb',
    workerData,
    env: { AWS_REGION: region, AWS_ACCOUNT_ID: '000000000000' },
    execArgv: [],
  })
  const { promise: exited, resolve: onExit } = Promise.withResolvers<number>()
  worker.once('exit', onExit)
  const { endpoint, client } = await opened(worker, folder, { region })
  return {
    endpoint,
    ensureTable: (table) => ensureTable(client, table),
    hasTable: async (name) => (await describe(client, { TableName: name })) !== undefined,
    close: async () => {
      client.destroy()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage('stop')
      await exited
    },
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
async function opened(worker: Worker, folder: string, { region }: { readonly region: string }) {
  const crash = Promise.withResolvers<never>()
  worker.once('error', crash.reject)
  try {
    const connection = await Promise.race([connected(worker, region), crash.promise])
    // From now on a crash of the thread ends the process, which is useless without its tables.
    worker.off('error', crash.reject)
    return connection
  } catch (error) {
    throw new DamagedError(folder, `is damaged (LevelDB cannot open it: ${messageOf(error)})`, {
      cause: error,
    })
  }
}

async function connected(worker: Worker, region: string) {
  const [address]: unknown[] = await once(worker, 'message')
  const endpoint = `http://${loopback}:${z.object({ port: z.number() }).parse(address).port}`
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }
  const client = new DynamoDBClient({ endpoint, region, credentials })
  await client.send(new ListTablesCommand({}))
  return { endpoint, client }
}

async function ensureTable(client: DynamoDBClient, table: TableDefinition) {
  let existing = await describe(client, table)
  if (existing === undefined) {
    await client.send(new CreateTableCommand({ ...table, BillingMode: 'PAY_PER_REQUEST' }))
  }
  while (existing?.TableStatus !== 'ACTIVE') existing = await describe(client, table)
  const [found, wanted] = [keysOf(existing), keysOf(table)]
  if (found !== wanted) {
    throw new ResourceError(
      `Table ${table.TableName} exists with the keys ${found}; the template wants ${wanted}. ` +
        'Rename the table, or start with a new data folder.',
    )
  }
  return { arn: existing.TableArn ?? '', id: existing.TableId ?? '' }
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

async function describe(client: DynamoDBClient, { TableName }: Pick<TableDefinition, 'TableName'>) {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}
