import type { KinesisStreamEvent } from 'aws-lambda'
import * as fc from 'fast-check'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStreamStore, type StreamStore } from '../kinesis/stream-store.ts'
import {
  type EventSourceMapping,
  openCheckpoints,
  parseEventSourceMappingSettings,
  startEventSourceMapping,
} from './event-source-mapping.ts'
import type { FailureDestination } from './consumer-context.ts'
import type { InvocationResult } from '../lambda/invocation.ts'

const streamArn = 'arn:aws:kinesis:eu-central-1:000000000000:stream/ticks'
const functionArn = 'arn:aws:lambda:eu-central-1:000000000000:function:aggregator'
const bucketArn = 'arn:aws:s3:::dead-letters'
const first = 'shardId-000000000000'
const middle = 2n ** 127n

/** What the function under the mapping does with an event; a thrown error is a function error. */
type Handler = (texts: readonly string[], event: KinesisStreamEvent) => unknown

let folder: string
let clock: number
let store: StreamStore
let checkpoints: ReturnType<typeof openCheckpoints>
let mappings: EventSourceMapping[]
let objects: { readonly bucketArn: string; readonly key: string; readonly body: string }[]
let batches: (readonly string[])[]
let logged: string[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mapping-'))
  clock = Date.parse('2026-01-05T14:30:00.250Z')
  store = openStreamStore({ folder, now: () => clock })
  store.createStream({ name: 'ticks', shardCount: 1, retentionHours: 24 })
  checkpoints = openCheckpoints(folder)
  mappings = []
  objects = []
  batches = []
  logged = []
})
afterEach(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()))
  store.close()
  checkpoints.close()
  rmSync(folder, { recursive: true })
})

function put(...texts: string[]) {
  return store.putRecords(
    'ticks',
    texts.map((text) => ({ partitionKey: `key ${text}`, data: Buffer.from(text) })),
  )
}

function textOf(record: KinesisStreamEvent['Records'][number]) {
  return Buffer.from(record.kinesis.data, 'base64').toString()
}

function isKinesisEvent(event: unknown): event is KinesisStreamEvent {
  return typeof event === 'object' && event !== null && 'Records' in event
}

async function run(handler: Handler, event: unknown): Promise<InvocationResult> {
  if (!isKinesisEvent(event)) throw new Error('no Kinesis event')
  const texts = event.Records.map(textOf)
  batches.push(texts)
  const requestId = `request ${batches.length}`
  try {
    return { type: 'success', requestId, payload: await handler(texts, event) }
  } catch (error) {
    return { type: 'error', requestId, error: { errorType: 'Error', errorMessage: String(error) } }
  }
}

function start(
  properties: Readonly<Record<string, unknown>>,
  handler: Handler = () => undefined,
  onFailure: FailureDestination = async (object) => void objects.push(object),
  { pollEveryMs = 0, restPollMs = 0 } = {},
) {
  const mapping = startEventSourceMapping({
    name: 'Aggregator',
    streamName: 'ticks',
    streamArn,
    functionArn,
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/aggregator',
    settings: parseEventSourceMappingSettings('Aggregator', {
      StartingPosition: 'TRIM_HORIZON',
      DestinationConfig: { OnFailure: { Destination: bucketArn } },
      ...properties,
    }),
    reader: store,
    checkpoints,
    invoke: (event) => run(handler, event),
    onFailure,
    log: ({ level, message }) => void logged.push(`${level} ${message}`),
    now: () => clock,
    timings: { backOffMs: () => 1, safetyMs: 60_000, pollEveryMs, restPollMs },
  })
  mappings.push(mapping)
  return mapping
}

function failOn(...poison: string[]): Handler {
  return (texts) => {
    if (texts.some((text) => poison.includes(text))) throw new Error('poison')
  }
}

function report(event: KinesisStreamEvent, text: string) {
  return {
    batchItemFailures: event.Records.filter((record) => textOf(record) === text).map((record) => ({
      itemIdentifier: record.kinesis.sequenceNumber,
    })),
  }
}

test.each([
  ['an error', {}, 'error'],
  ['an error where it was tried again', { DestinationConfig: undefined, MaximumRetryAttempts: 1 }, 'error'],
  ['a warning where it is meant to be dropped', { DestinationConfig: undefined }, 'warn'],
])('giving up is %s', async (_what, properties, level) => {
  put('one')
  await start({ MaximumRetryAttempts: 0, ...properties }, failOn('one')).idle()
  expect(logged.filter((line) => line.includes('Gave up'))).toEqual([
    expect.stringMatching(new RegExp(`^${level} Gave up on 1 records of ${first} `)),
  ])
})

test('leaves as much time as it is told between two reads of a shard', async () => {
  const plain = store
  const pauses: number[] = []
  let readEnded = 0
  store = {
    ...plain,
    read: (...given) => {
      if (batches.length > pauses.length) pauses.push(performance.now() - readEnded)
      const records = plain.read(...given)
      readEnded = performance.now()
      return records
    },
  }
  const handler: Handler = () => {
    if (batches.length < 4) put(`${batches.length} a`, `${batches.length} b`)
  }
  put('one')
  await start({}, handler, undefined, { pollEveryMs: 40 }).idle()
  expect(batches).toEqual([['one'], ['1 a', '1 b'], ['2 a', '2 b'], ['3 a', '3 b']])
  expect(pauses).toHaveLength(4)
  expect(Math.min(...pauses)).toBeGreaterThan(39)
})

test('hands records over in order, in batches, as Lambda writes them', async () => {
  const [one] = put('one', 'two', 'three')
  const events: KinesisStreamEvent[] = []
  await start({ BatchSize: 2 }, (_, event) => void events.push(event)).idle()
  expect(batches).toEqual([['one', 'two'], ['three']])
  expect(events[0]?.Records[0]).toEqual({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: 'key one',
      sequenceNumber: one?.sequenceNumber,
      data: 'b25l',
      approximateArrivalTimestamp: 1_767_623_400.25,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${first}:${one?.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/aggregator',
    awsRegion: 'eu-central-1',
    eventSourceARN: streamArn,
  })
})

test('is woken by a put', async () => {
  const mapping = start({})
  await mapping.idle()
  put('one')
  await mapping.idle()
  expect(batches).toEqual([['one']])
})

test('goes on after its checkpoint when it is started again', async () => {
  put('one')
  const mapping = start({})
  await mapping.idle()
  await mapping.stop()
  put('two')
  await start({}).idle()
  expect(batches).toEqual([['one'], ['two']])
})

test('finishes the invocation in flight when it is stopped, and keeps its checkpoint', async () => {
  put('one', 'two')
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const mapping = start({ BatchSize: 1 }, async () => {
    entered.resolve()
    await release.promise
  })
  await entered.promise
  const stopped = mapping.stop()
  release.resolve()
  await stopped
  await start({}).idle()
  expect(batches).toEqual([['one'], ['two']])
})

test('says how much is left', async () => {
  put('one', 'two')
  clock += 5_000
  const entered = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const mapping = start({ BatchSize: 1 }, async (texts) => {
    if (texts[0] === 'one') return
    entered.resolve()
    await release.promise
  })
  await entered.promise
  expect(mapping.lag()).toEqual({ records: 1, oldestMs: 5_000, settled: 1 })
  release.resolve()
  await mapping.idle()
  expect(mapping.lag()).toEqual({ records: 0, oldestMs: 0, settled: 2 })
})

describe('starting position', () => {
  test('LATEST leaves out what was there at the first start, also after a second one', async () => {
    put('old')
    const mapping = start({ StartingPosition: 'LATEST' })
    await mapping.stop()
    put('new')
    store.splitShard('ticks', first, middle)
    await start({ StartingPosition: 'LATEST' }).idle()
    expect(batches).toEqual([['new']])
  })

  test('AT_TIMESTAMP begins with the first record of that time', async () => {
    put('old')
    clock += 10_000
    put('new')
    const StartingPositionTimestamp = (clock - 1) / 1_000
    await start({ StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp }).idle()
    expect(batches).toEqual([['new']])
  })
})

describe('batches', () => {
  test('keep an invocation below 6 MB', async () => {
    const data = Buffer.alloc(1_000_000)
    store.putRecords(
      'ticks',
      Array.from({ length: 8 }, () => ({ partitionKey: 'key', data })),
    )
    const sizes: number[] = []
    await start({}, (_, event) => void sizes.push(JSON.stringify(event).length)).idle()
    expect(batches.map((texts) => texts.length)).toEqual([4, 4])
    expect(Math.max(...sizes)).toBeLessThan(6 * 1024 * 1024)
  })

  test('wait for the window, or until they are full', async () => {
    const mapping = start({ BatchSize: 3, MaximumBatchingWindowInSeconds: 60 })
    put('one')
    put('two')
    await new Promise((resolve) => setImmediate(resolve))
    expect(batches).toEqual([])
    put('three')
    put('four')
    await new Promise((resolve) => setImmediate(resolve))
    clock += 60_000
    put('five')
    await mapping.idle()
    expect(batches).toEqual([
      ['one', 'two', 'three'],
      ['four', 'five'],
    ])
  })

  test('wait no longer than the window for records that a stream whose clock is ahead has taken', async () => {
    store.setClock(300_000)
    put('one')
    await start({ BatchSize: 3, MaximumBatchingWindowInSeconds: 1 }).idle()
    expect(batches).toEqual([['one']])
  })
})

describe('failures', () => {
  test('a batch is retried as often as said, then written to the bucket, and the shard goes on', async () => {
    put('one', 'two', 'three')
    await start({ BatchSize: 2, MaximumRetryAttempts: 2 }, failOn('two')).idle()
    expect(batches).toEqual([['one', 'two'], ['one', 'two'], ['one', 'two'], ['three']])
    expect(objects).toHaveLength(1)
  })

  test('bisect isolates the bad record', async () => {
    put('a', 'b', 'c', 'd', 'e')
    await start({ BisectBatchOnFunctionError: true, MaximumRetryAttempts: 0 }, failOn('b')).idle()
    expect(batches).toEqual([
      ['a', 'b', 'c', 'd', 'e'],
      ['a', 'b', 'c'],
      ['a', 'b'],
      ['a'],
      ['b'],
      ['c'],
      ['d', 'e'],
    ])
    expect(objects.map(({ body }) => JSON.parse(body).KinesisBatchInfo.batchSize)).toEqual([1])
  })

  test('a reported record is where the retry begins', async () => {
    put('a', 'b', 'c')
    let failures = 0
    const settings = { FunctionResponseTypes: ['ReportBatchItemFailures'], MaximumRetryAttempts: 3 }
    await start(settings, (_, event) => (failures++ < 2 ? report(event, 'b') : undefined)).idle()
    expect(batches).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['b', 'c'],
    ])
    expect(objects).toEqual([])
  })

  test('a checkpoint in the middle of a batch survives a restart', async () => {
    put('a', 'b', 'c')
    const entered = Promise.withResolvers<void>()
    const settings = { FunctionResponseTypes: ['ReportBatchItemFailures'] }
    const mapping = start(settings, (_, event) => {
      if (batches.length > 1) entered.resolve()
      return report(event, 'b')
    })
    await entered.promise
    await mapping.stop()
    const before = batches.length
    await start(settings).idle()
    expect(batches.slice(before)).toEqual([['b', 'c']])
  })

  test('records that are too old go to the bucket without another try', async () => {
    put('old')
    clock += 61_000
    put('young')
    await start({ MaximumRecordAgeInSeconds: 60 }).idle()
    expect(batches).toEqual([['young']])
    const { requestContext, responseContext } = JSON.parse(objects[0]?.body ?? '')
    expect(requestContext).toMatchObject({ condition: 'RecordAgeExceeded', approximateInvokeCount: 0 })
    expect(responseContext).toBeUndefined()
  })

  test('records that the stream has dropped meanwhile are no longer retried', async () => {
    put('poison')
    const mapping = start({}, (texts) => {
      if (!texts.includes('poison')) return
      clock += 25 * 3_600_000
      store.trim()
      throw new Error('poison')
    })
    await mapping.idle()
    put('next')
    await mapping.idle()
    expect(batches).toEqual([['poison'], ['next']])
    expect(objects).toHaveLength(1)
  })

  test('a bucket that refuses is asked again until it takes the object', async () => {
    put('poison', 'next')
    let refusals = 3
    await start({ BatchSize: 1, MaximumRetryAttempts: 0 }, failOn('poison'), async (object) => {
      if (refusals-- > 0) throw new Error('no space left')
      objects.push(object)
    }).idle()
    expect(objects).toHaveLength(1)
    expect(batches).toEqual([['poison'], ['next']])
  })

  test('the object is what AWS documents', async () => {
    const [one, two] = put('one', 'two')
    await start({ MaximumRetryAttempts: 1 }, failOn('one')).idle()
    const [object] = objects
    expect(object?.bucketArn).toBe(bucketArn)
    expect(object?.key).toMatch(
      /^aws\/lambda\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/shardId-000000000000\/2026\/01\/05\/2026-01-05T14\.30\.00-[0-9a-f-]{36}$/,
    )
    const { payload, ...body } = JSON.parse(object?.body ?? '')
    expect(body).toEqual({
      requestContext: {
        requestId: 'request 2',
        functionArn,
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: '2026-01-05T14:30:00.250Z',
      KinesisBatchInfo: {
        shardId: first,
        startSequenceNumber: one?.sequenceNumber,
        endSequenceNumber: two?.sequenceNumber,
        approximateArrivalOfFirstRecord: '2026-01-05T14:30:00.250Z',
        approximateArrivalOfLastRecord: '2026-01-05T14:30:00.250Z',
        batchSize: 2,
        streamArn,
      },
    })
    expect(JSON.parse(payload).Records.map(textOf)).toEqual(['one', 'two'])
  })
})

describe('shards', () => {
  test('are consumed in parallel: one that is stuck does not hold up another', async () => {
    store.updateShardCount('ticks', 2)
    const [left, right] = ['a', 'b']
    store.putRecords('ticks', [
      { partitionKey: 'x', explicitHashKey: 0n, data: Buffer.from(left) },
      { partitionKey: 'x', explicitHashKey: middle, data: Buffer.from(right) },
    ])
    const released = Promise.withResolvers<void>()
    // The left shard waits for the right one: were they consumed one by one, this would never end.
    await start({}, async (texts) => {
      if (texts.includes(right)) released.resolve()
      else await released.promise
    }).idle()
    expect(batches.flat().toSorted()).toEqual([left, right])
  })

  test('a child waits until its parent is consumed to the end', async () => {
    put('a1', 'a2', 'a3')
    store.splitShard('ticks', first, middle)
    put('b1', 'b2')
    store.mergeShards('ticks', 'shardId-000000000001', 'shardId-000000000002')
    put('c1')
    await start({ BatchSize: 1 }).idle()
    expect(batches.flat().map((text) => text[0])).toEqual(['a', 'a', 'a', 'b', 'b', 'c'])
  })

  test('that come up while it runs are found', async () => {
    const mapping = start({})
    await mapping.idle()
    store.splitShard('ticks', first, middle)
    put('after')
    await mapping.idle()
    expect(batches).toEqual([['after']])
  })
})

test('a disabled mapping does nothing', async () => {
  put('one')
  const mapping = start({ Enabled: false })
  await mapping.idle()
  expect(batches).toEqual([])
  expect(mapping.lag().records).toBe(1)
})

test('idle is refused when the mapping is stopped before', async () => {
  put('one')
  const mapping = start({}, failOn('one'))
  const idle = mapping.idle()
  await Promise.all([mapping.stop(), expect(idle).rejects.toThrow('Aggregator was stopped')])
})

function keyOf(number: number) {
  return `key ${number % 5}`
}

/** The texts of each key, in the order in which they came. */
function byKey(texts: readonly string[]) {
  return [0, 1, 2, 3, 4].map((key) => texts.filter((text) => keyOf(Number(text)) === keyOf(key)))
}

test('exactly the bad records are discarded, all others processed in order, across resharding and restarts', async () => {
  const script = fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({ type: fc.constant<'put'>('put'), count: fc.integer({ min: 1, max: 9 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant<'scale'>('scale'), count: fc.integer({ min: 1, max: 3 }) }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant<'restart'>('restart'), count: fc.constant(0) }) },
    ),
    { maxLength: 12 },
  )
  const options = fc.record({
    batchSize: fc.integer({ min: 1, max: 8 }),
    every: fc.integer({ min: 2, max: 9 }),
  })
  await fc.assert(
    fc.asyncProperty(script, options, async (steps, { batchSize, every }) => {
      store.deleteStream('ticks')
      clock += 1
      store.createStream({ name: 'ticks', shardCount: 2, retentionHours: 24 })
      objects = []
      const processed: string[] = []
      const isBad = (text: string) => Number(text) % every === 0
      const handler: Handler = (texts) => {
        if (texts.some(isBad)) throw new Error('poison')
        processed.push(...texts)
      }
      const settings = { BatchSize: batchSize, BisectBatchOnFunctionError: true, MaximumRetryAttempts: 1 }
      let mapping = start(settings, handler)
      let sent = 0
      for (const { type, count } of steps) {
        if (type === 'put') {
          const numbers = Array.from({ length: count }, () => sent++)
          store.putRecords(
            'ticks',
            numbers.map((number) => ({ partitionKey: keyOf(number), data: Buffer.from(`${number}`) })),
          )
        }
        if (type === 'scale') store.updateShardCount('ticks', count)
        if (type === 'restart') {
          await mapping.stop()
          mapping = start(settings, handler)
        }
      }
      await mapping.idle()
      await mapping.stop()
      const givenUp = objects.flatMap(({ body }) => JSON.parse(JSON.parse(body).payload).Records.map(textOf))
      const all = Array.from({ length: sent }, (_, index) => String(index))
      expect(byKey(processed)).toEqual(byKey(all.filter((text) => !isBad(text))))
      expect(byKey(givenUp)).toEqual(byKey(all.filter(isBad)))
    }),
    { numRuns: 25 },
  )
})

test('a shard that was read to its end is looked at at its pace, and not when a record comes', async () => {
  const waited: number[] = []
  let putAt = 0
  const mapping = start({}, () => void waited.push(performance.now() - putAt), undefined, { restPollMs: 60 })
  for (let time = 0; time < 8; time++) {
    await mapping.idle()
    putAt = performance.now()
    put(`record ${time}`)
    await mapping.idle()
  }
  expect(waited).toHaveLength(8)
  // By itself it would take a few milliseconds.
  expect(Math.max(...waited)).toBeGreaterThan(30)
})
