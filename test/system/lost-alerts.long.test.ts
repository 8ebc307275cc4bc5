import { type AttributeValue, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { afterEach, beforeAll, expect, it } from 'vitest'

import type { Deployment } from '../../bin/embedded/deployment.ts'
import { type Received, type Receiver, startReceiver } from '../../bin/stage/alerts/receive.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { createTable, loseTable } from './support/lost-tables.ts'
import { recoveryCommands } from './support/recovery-page.ts'
import { readRows } from './support/replay-into.ts'
import { type Ended, runCommand } from './support/run-command.ts'
import { DRILL_HOUR, startDrill } from './support/start-drill.ts'
import { waitFor } from './support/wait-for.ts'

const SECTION = 'The table alerts is lost'
const TABLE = 'tickstock-local-alerts'
const ALERTER = 'tickstock-local-alerter'
/** Whoever delivers again may do so after a minute. */
const LATER_MS = 90_000

let deployment: Deployment
let dynamodb: DynamoDBClient
let receiver: Receiver | undefined
let received: Received[] = []
let port = 0
let minute = 0

beforeAll(async () => {
  const drill = await startDrill({ settings: { alerts: 'on' }, clocks: 'own' })
  deployment = drill.deployment
  dynamodb = new DynamoDBClient(clientOptions('DYNAMODB', deployment.runtime.environment))
  return drill.end
})
afterEach(async () => {
  await receiver?.stop()
  receiver = undefined
  received = []
})

async function listen(secret: string): Promise<void> {
  receiver = await startReceiver({ secret, port, now: Date.now }, (each) => void received.push(each))
  port = Number(new URL(receiver.url).port)
}

async function deaf(): Promise<void> {
  await receiver?.stop()
  receiver = undefined
}

const run = async (words: readonly string[]): Promise<Ended> =>
  await runCommand(words, deployment.runtime.environment)

/** Adds the rule of the page, whose messages come to a receiver here; its id and secret. */
async function addRule() {
  // For its port, which the rule is to name.
  await listen('whsec_AAAA')
  await deaf()
  const [add = ''] = recoveryCommands(SECTION, DRILL_HOUR)
  const [, condition = ''] = /"(.+)"/.exec(add) ?? []
  const words = add.replace(/"(.+)"/, 'CONDITION').split(' ')
  const { stdout, code } = await run(
    words.map((word) =>
      word === 'CONDITION' ? condition : word.startsWith('https:') ? `http://127.0.0.1:${port}/` : word,
    ),
  )
  expect(code).toBe(0)
  const [, id = ''] = /^rule {4}(\S+)$/m.exec(stdout) ?? []
  const [, secret = ''] = /^secret {2}(whsec_\S+)$/m.exec(stdout) ?? []
  await listen(secret)
  // It keeps for seconds that there is none.
  await deployment.runtime.killFunction(ALERTER)
  return { id, secret }
}

/** Ends the minute before with a trade of the next; the rule fires for every second of them. */
async function trade(): Promise<number> {
  const price = minute % 2 === 0 ? 150 : 151
  const ticks = [[DRILL_HOUR + 60 * minute, price, 1, minute]]
  const Data = Buffer.from(JSON.stringify({ symbol: 'AAPL', line: 'venue', ticks }))
  const kinesis = createKinesisClient(deployment.runtime.environment)
  const Records = [{ PartitionKey: 'AAPL', Data }]
  await kinesis.send(new PutRecordsCommand({ StreamName: deployment.ticksStream, Records }))
  return minute++
}

/** Puts trades until the bar of the next minute that the rule fires for is there; its minute. */
async function fire(): Promise<string> {
  let fired = await trade()
  if (fired % 2 === 0) fired = await trade()
  await trade()
  await waitFor(
    async () => (await readRows(deployment.readOnlyUrl)).length > fired,
    `the bar of minute ${fired}`,
  )
  return minuteOf(fired)
}

function minuteOf(of: number): string {
  return `${new Date((DRILL_HOUR + 60 * of) * 1000).toISOString().slice(0, 19)}Z`
}

/** Messages that are signed by the rule, copies among them. */
const messages = (): readonly string[] =>
  received.filter(({ verdict }) => verdict !== 'bad').map(({ body }) => body)
const minutes = (): string[] => messages().map((body) => JSON.parse(body).data.minute)

async function arrived(of: string): Promise<void> {
  await waitFor(() => minutes().includes(of), `the alert of ${of}`)
}

async function attempted(of: string): Promise<void> {
  await waitFor(async () => {
    const { stdout } = await run(['alerts', 'firings', '--json'])
    const firings: { timestamp: string; last_error: string | null }[] = JSON.parse(stdout)
    return firings.some(({ timestamp, last_error: error }) => timestamp === of && error !== null)
  }, `an attempt to deliver the alert of ${of}`)
}

/** Resolves right after the alerter has failed for want of its table: it is tried again seconds later. */
async function failedAgain(): Promise<void> {
  const errors = async (): Promise<number> => (await deployment.runtime.functions())[ALERTER]?.errors ?? 0
  const before = await errors()
  await waitFor(async () => (await errors()) > before, 'the alerter to fail')
}

/** Lets what failed be tried again, as a minute later. */
async function later(): Promise<void> {
  deployment.runtime.setClock(ALERTER, LATER_MS)
  await deployment.runtime.invoke(ALERTER, { type: 'minute' })
  deployment.runtime.setClock(ALERTER, 0)
}

async function items(): Promise<Record<string, AttributeValue>[]> {
  return (await dynamodb.send(new ScanCommand({ TableName: TABLE }))).Items ?? []
}

it('bars go on without the table; restored, it sends what waited once, and again what was delivered since the backup', async () => {
  const { id, secret } = await addRule()
  await arrived(await fire())
  await deaf()
  const waiting = await fire()
  await attempted(waiting)
  const backup = await items()
  await listen(secret)
  await later()
  await arrived(waiting)
  await deaf()
  const undelivered = await fire()
  await attempted(undelivered)
  await listen(secret)
  const before = minutes().length

  await loseTable(dynamodb, TABLE)
  const hidden = await fire()
  expect(await run(['alerts', 'list'])).toMatchObject({ code: 1 })
  expect(minutes()).toHaveLength(before)
  // A restored table has its items from the beginning.
  await failedAgain()
  await createTable(dynamodb, SECTION, TABLE)
  await Promise.all(backup.map((Item) => dynamodb.send(new PutItemCommand({ TableName: TABLE, Item }))))
  expect((await run(['alerts', 'list'])).stdout).toContain(id)
  await arrived(hidden)
  await later()
  await waitFor(() => minutes().filter((each) => each === waiting).length > 1, 'the second copy')
  await arrived(await fire())

  const copies = messages().filter((body) => JSON.parse(body).data.minute === waiting)
  expect([copies.length, new Set(copies).size]).toEqual([2, 1])
  expect(new Set(minutes()).size).toBe(minutes().length - 1)
  expect(minutes()).not.toContain(undelivered)
  expect(received.filter(({ verdict }) => verdict === 'bad')).toEqual([])
  expect(await run(['alerts', 'remove', id])).toMatchObject({ code: 0 })
})

it('an empty table has no rules: what came meanwhile is never sent, and a rule that is added again fires from then on', async () => {
  const old = await addRule()
  await arrived(await fire())
  await loseTable(dynamodb, TABLE)
  const hidden = await fire()
  // It may have kept the rules: for seconds, not for as long as it takes to create a table.
  await deployment.runtime.killFunction(ALERTER)
  await failedAgain()
  await createTable(dynamodb, SECTION, TABLE)
  await deployment.settle()
  await deployment.runtime.idle()
  expect((await run(['alerts', 'list'])).stdout).not.toContain(old.id)
  expect((await run(['alerts', 'firings'])).stdout).not.toContain('AAPL')

  await deaf()
  const added = await addRule()
  expect(added.secret).not.toBe(old.secret)
  const next = await fire()
  await arrived(next)
  expect(minutes()).not.toContain(hidden)
  expect(received.filter(({ verdict }) => verdict === 'bad')).toEqual([])
})
