import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'

import { conditionalPut } from '../shared/dynamodb/conditional-put.ts'
import { type Job, type JobSpec, jobSchema, specSchema } from './job.ts'

/** A job in the table, with the version for optimistic locking. */
type StoredJob = { readonly version: number; readonly job: Job }

/** The jobs of a deployment. */
export type JobStore = {
  /** Adds a job to those that are open; `full` when there are too many. */
  create(job: Job, spec: JobSpec): Promise<'created' | 'full'>
  /** Undefined when there is none, or it has expired. */
  read(id: string): Promise<StoredJob | undefined>
  readSpec(id: string): Promise<JobSpec | undefined>
  /** Writes a job if its version is still the expected one. */
  commit(job: Job, expectedVersion: number): Promise<'committed' | 'conflict'>
  /** The ids of jobs that have not ended, the oldest first. */
  open(): Promise<readonly string[]>
  /** Adds a job to those that are open again. */
  reopen(id: string): Promise<'created' | 'full'>
  /** Takes a job from those that are open. */
  close(id: string): Promise<void>
  /** The newest first; `next` is where the following page begins. */
  list(page: Page): Promise<{ readonly jobs: readonly Job[]; readonly next: string | undefined }>
}

type Page = { readonly limit: number; readonly before?: string | undefined }

/** Jobs that may be open at a time. */
export const MAX_OPEN = 100
/** How long a job can be looked at after its last change. */
const KEPT_SECONDS = 90 * 86_400

/**
 * The store over a table with the key `kind` and `id`: of each job an item with its progress and one with its spec, and
 * one item for all with the ids of those that are open.
 *
 * @param now Unix milliseconds
 */
export function createJobStore(client: DynamoDBClient, table: string, now: () => number): JobStore {
  const read = async (kind: string, id: string) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(kind, id), ConsistentRead: true }),
    )
    return Item
  }
  const nowSeconds = () => Math.floor(now() / 1000)
  const expiresAt = () => ({ expiresAt: { N: String(nowSeconds() + KEPT_SECONDS) } })
  const isKept = (item: Item) => Number(item['expiresAt']?.N) > nowSeconds()
  const addToOpen = async (id: string): Promise<'created' | 'full'> => {
    const added = await conditionalPut(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf('queue', 'open'),
          UpdateExpression: 'ADD ids :id',
          ConditionExpression: 'attribute_not_exists(ids) OR size(ids) < :most',
          ExpressionAttributeValues: { ':id': { SS: [id] }, ':most': { N: String(MAX_OPEN) } },
        }),
      ),
    )
    return added.type === 'committed' ? 'created' : 'full'
  }
  return {
    create: async (job, spec) => {
      // First, so that a job that was written is never left lying.
      if ((await addToOpen(job.id)) === 'full') return 'full'
      const items = [
        { ...keyOf('spec', job.id), text: { S: JSON.stringify(spec) }, ...expiresAt() },
        { ...keyOf('job', job.id), text: { S: JSON.stringify(job) }, version: { N: '1' }, ...expiresAt() },
      ]
      for (const Item of items) await client.send(new PutItemCommand({ TableName: table, Item }))
      return 'created'
    },
    read: async (id) => {
      const item = await read('job', id)
      if (item === undefined || !isKept(item)) return undefined
      return { version: Number(item['version']?.N), job: jobOf(item) }
    },
    readSpec: async (id) => {
      const item = await read('spec', id)
      return item && specSchema.parse(JSON.parse(item['text']?.S ?? ''))
    },
    commit: async (job, expectedVersion) => {
      const put = await conditionalPut(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf('job', job.id),
              text: { S: JSON.stringify(job) },
              version: { N: String(expectedVersion + 1) },
              ...expiresAt(),
            },
            ConditionExpression: 'version = :expected',
            ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } },
          }),
        ),
      )
      return put.type
    },
    open: async () => ((await read('queue', 'open'))?.['ids']?.SS ?? []).toSorted(),
    reopen: addToOpen,
    close: async (id) => {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf('queue', 'open'),
          UpdateExpression: 'DELETE ids :id',
          ExpressionAttributeValues: { ':id': { SS: [id] } },
        }),
      )
    },
    list: async ({ limit, before }) => {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'kind = :kind',
          ExpressionAttributeValues: { ':kind': { S: 'job' } },
          ScanIndexForward: false,
          ConsistentRead: true,
          Limit: limit,
          ...(before !== undefined && { ExclusiveStartKey: keyOf('job', before) }),
        }),
      )
      return { jobs: Items.filter(isKept).map(jobOf), next: LastEvaluatedKey?.['id']?.S }
    },
  }
}

type Item = Record<string, AttributeValue>

function keyOf(kind: string, id: string) {
  return { kind: { S: kind }, id: { S: id } }
}

function jobOf(item: Item): Job {
  return jobSchema.parse(JSON.parse(item['text']?.S ?? ''))
}
