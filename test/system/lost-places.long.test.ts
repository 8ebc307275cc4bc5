import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, it } from 'vitest'

import { parseTradingHours } from '../../functions/shared/runtime/trading-hours.ts'
import { createTelemetry } from '../../functions/shared/runtime/telemetry.ts'
import { serveVenues } from '../../functions/venue-feed/serve-venues.ts'
import { idsOn, openStage, type Stage } from '../feed/venues/running-feed.ts'
import { eventually } from '../support/eventually.ts'
import { startTestDynamodb, type TestDynamodb } from '../support/test-dynamodb.ts'
import { createTable, loseTable } from './support/lost-tables.ts'

const SECTION = 'The table venue-places is lost'
const TABLE = 'tickstock-local-venue-places'

let stage: Stage
let dynamodb: TestDynamodb
let symbol: string
let stopFeed = async (): Promise<void> => {}

beforeEach(async () => {
  stage = await openStage('kraken')
  symbol = stage.symbols[0] ?? ''
  dynamodb = await startTestDynamodb()
  await createTable(dynamodb.client, SECTION, TABLE)
})
afterEach(async () => {
  await stopFeed()
  await stage.simulator.stop()
  await dynamodb.remove()
})

/** What a task of the venue feed does, from its start until it is stopped. */
function startTask(): void {
  const stopped = new AbortController()
  const serving = serveVenues({
    venues: [{ venue: stage.venue, symbols: [symbol] }],
    sides: true,
    hours: parseTradingHours('always'),
    kinesis: stage.stream.kinesis,
    stream: stage.stream.stream,
    dynamodb: dynamodb.client,
    table: TABLE,
    telemetry: createTelemetry('venue-feed'),
    signal: stopped.signal,
    againMs: 100,
  })
  stopFeed = async () => {
    stopFeed = async () => {}
    stopped.abort()
    await serving
  }
}

const subscribed = () => eventually('the subscription', () => stage.simulator.subscribed.has(symbol))

function trade(count: number): void {
  for (let index = 0; index < count; index++) stage.simulator.trade(symbol)
}

async function allArrived(): Promise<void> {
  await eventually('all trades of the venue', () => {
    const found = new Set(idsOn(stage.stream, symbol))
    return stage.market.of(symbol).every(({ id }) => found.has(id))
  })
}

/** The next trade shows what is missing before it. */
async function goesOn(): Promise<void> {
  await subscribed()
  trade(1)
  await allArrived()
}

async function kept(): Promise<Record<string, AttributeValue>[]> {
  const { Items = [] } = await dynamodb.client.send(new ScanCommand({ TableName: TABLE }))
  return Items
}

/** The names of the errors that its client gets from now on. */
function failuresOf({ client }: TestDynamodb): readonly string[] {
  const names: string[] = []
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        names.push(error instanceof Error ? error.name : String(error))
        throw error
      }
    },
    { step: 'initialize' },
  )
  return names
}

it('a feed that runs goes on without its places, and an empty table is all that its next task needs', async () => {
  startTask()
  await subscribed()
  trade(20)
  await allArrived()
  await loseTable(dynamodb.client, TABLE)
  trade(20)
  await allArrived()

  await createTable(dynamodb.client, SECTION, TABLE)
  await eventually(
    'a place in the new table',
    async () => {
      trade(1)
      return (await kept()).length > 0
    },
    { everyMs: 200 },
  )
  await stopFeed()
  // Nobody feeds these.
  trade(30)
  const before = idsOn(stage.stream, symbol).length
  startTask()
  await goesOn()
  expect(idsOn(stage.stream, symbol).length - before).toBe(31)
})

it('a task that starts without the table waits for it', async () => {
  await loseTable(dynamodb.client, TABLE)
  const failures = failuresOf(dynamodb)
  startTask()
  await eventually('a second attempt', () => failures.length > 1)
  expect(new Set(failures)).toEqual(new Set(['ResourceNotFoundException']))
  expect(stage.simulator.connections).toBe(0)
  await createTable(dynamodb.client, SECTION, TABLE)
  await subscribed()
})

it('a task goes on from the place of a backup, and fetches what came since', async () => {
  startTask()
  await subscribed()
  trade(20)
  await allArrived()
  await stopFeed()
  const backup = await kept()
  expect(backup).toHaveLength(1)
  startTask()
  await subscribed()
  trade(20)
  await allArrived()
  await stopFeed()

  await loseTable(dynamodb.client, TABLE)
  // Nobody feeds these.
  trade(30)
  await createTable(dynamodb.client, SECTION, TABLE)
  for (const Item of backup) await dynamodb.client.send(new PutItemCommand({ TableName: TABLE, Item }))
  const before = idsOn(stage.stream, symbol).length
  startTask()
  await goesOn()
  // Those since the backup came again, and are duplicates by their ids.
  expect(idsOn(stage.stream, symbol).length - before).toBe(51)
})
