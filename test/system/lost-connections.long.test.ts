import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { createTable, loseTable } from './support/lost-tables.ts'
import { minuteText } from './support/recovery-page.ts'
import { DRILL_HOUR, startDrill } from './support/start-drill.ts'
import { waitFor } from './support/wait-for.ts'
import { startWatching, type Watching } from './support/watching.ts'

const SECTION = 'The table connections or subscribers is lost'
const [CONNECTIONS, SUBSCRIBERS] = ['tickstock-local-connections', 'tickstock-local-subscribers']
/** The client sends nothing by itself. */
const NEVER = 600_000

let deployment: Deployment
let dynamodb: DynamoDBClient
let minute = 0
let client: Watching

beforeAll(async () => {
  const drill = await startDrill()
  deployment = drill.deployment
  dynamodb = new DynamoDBClient(clientOptions('DYNAMODB', deployment.runtime.environment))
  return drill.end
})
beforeEach(async () => {
  client = await startWatching(deployment, { symbols: ['NVDA'], types: ['bar'], quietMs: NEVER })
  await trade()
  await trade()
  await arrived(minute - 2)
})
afterEach(() => client.stop())

/** A trade of the next minute, which ends the one before. */
async function trade(): Promise<void> {
  const ticks = [[DRILL_HOUR + 60 * minute, 100, 1, minute++]]
  const Data = Buffer.from(JSON.stringify({ symbol: 'NVDA', line: 'venue', ticks }))
  const kinesis = createKinesisClient(deployment.runtime.environment)
  await kinesis.send(
    new PutRecordsCommand({
      StreamName: deployment.ticksStream,
      Records: [{ PartitionKey: 'NVDA', Data }],
    }),
  )
}

const timesOf = ({ records }: Watching): Set<string | undefined> =>
  new Set(records.map(({ timestamp }) => timestamp?.slice(0, 16)))
const timeOf = (of: number): string => minuteText(DRILL_HOUR + 60 * of)
async function arrived(of: number, at: Watching = client): Promise<void> {
  await waitFor(() => timesOf(at).has(timeOf(of)), `the bar of minute ${of}`)
}
const statesOf = ({ states }: Watching): string[] => states.map(({ type }) => type)
const isSubscribedAgain = (each: Watching): boolean => statesOf(each).join() === 'subscribed,ended,subscribed'

it('clients of a lost table connections are disconnected as soon as it is there again, though they send nothing', async () => {
  await loseTable(dynamodb, CONNECTIONS)
  await trade()
  await createTable(dynamodb, SECTION, CONNECTIONS)
  await waitFor(() => isSubscribedAgain(client), 'the client to be told, and to subscribe again')
  await trade()
  await trade()
  await arrived(minute - 2)
  expect(isSubscribedAgain(client)).toBe(true)
})

it('clients stay connected and get each bar when the table subscribers is lost', async () => {
  await loseTable(dynamodb, SUBSCRIBERS)
  const first = minute - 1
  await trade()
  await createTable(dynamodb, SECTION, SUBSCRIBERS)
  for (let each = 0; each < 3; each++) await trade()
  await arrived(minute - 2)
  for (let each = first; each < minute - 1; each++) expect(timesOf(client)).toContain(timeOf(each))
  expect(statesOf(client)).toEqual(['subscribed'])
})

it('a client that pings is disconnected with its next ping when both are lost', async () => {
  const pinging = await startWatching(deployment, { symbols: ['NVDA'], types: ['bar'], quietMs: 1000 })
  try {
    for (const table of [CONNECTIONS, SUBSCRIBERS]) await loseTable(dynamodb, table)
    for (const table of [CONNECTIONS, SUBSCRIBERS]) await createTable(dynamodb, SECTION, table)
    await trade()
    // A ping while there was no table fails, and ends the connection as well.
    await waitFor(() => statesOf(pinging).includes('ended'), 'the client to be disconnected')
    await waitFor(() => statesOf(pinging).at(-1) === 'subscribed', 'the client to subscribe again')
    await trade()
    await trade()
    await arrived(minute - 2, pinging)
    expect(statesOf(pinging).slice(0, 2)).toEqual(['subscribed', 'ended'])
  } finally {
    await pinging.stop()
  }
})
