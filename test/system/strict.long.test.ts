import { rmSync } from 'node:fs'

import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { describe, expect, it, onTestFinished } from 'vitest'

import { type Deployment, type DeploymentOptions, startDeployment } from '../../bin/embedded/deployment.ts'
import { clientOptions } from '../../bin/stage/client-options.ts'
import { createKinesisClient } from '../../feed/kinesis-client.ts'
import { expectPublishedBars } from '../support/published-bars.ts'
import { tradesPath } from '../support/trades.ts'
import { preparedData } from './support/data-folder.ts'
import { feedHistory } from './support/feed-history.ts'
import { type PutBar, putBars } from './support/put-bars.ts'
import { readRows, replayInto } from './support/replay-into.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'
import { waitFor } from './support/wait-for.ts'

async function startStrict(strict: NonNullable<DeploymentOptions['strict']>): Promise<Deployment> {
  const data = await preparedData()
  const deployment = await startDeployment({ data, durability: 'none', strict })
  onTestFinished(async () => {
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
  })
  return deployment
}

/** How often each revision of each bar was put. */
function timesPut(bars: readonly PutBar[]): readonly number[] {
  const keys = bars.map(({ symbol, timestamp, revision }) => `${symbol} ${timestamp} ${revision}`)
  return [...Map.groupBy(keys, (key) => key).values()].map(({ length }) => length)
}

/** Twice by readers of a state that come one after the other; a sweep that reads it at the same moment puts its bars, too. */
function expectFewPuts(bars: readonly PutBar[]): void {
  const times = timesPut(bars)
  expect(Math.max(...times)).toBeLessThanOrEqual(3)
  expect(times.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(2 * times.length)
}

describe('where functions freeze, start cold, change their shards, may no more than they say and are throttled,', () => {
  it('a recorded day gives every published bar, exactly, its indicators and patterns, and few bars more than twice', async () => {
    const deployment = await startStrict({ seed: 1, coldStarts: 0.05, throttled: 0.03 })
    await replayInto(deployment, tradesPath('kraken-xbtusdt-20251110'))
    expect(await deployment.flush()).toEqual({ signals: 'complete' })
    expectPublishedBars('kraken-xbtusdt-20251110', await readRows(deployment.readOnlyUrl))
    const found = await readSignals(deployment.readOnlyUrl)
    expect(found).toEqual(signalsOf(await readBarRecords(deployment.readOnlyUrl)))
    expectFewPuts(putBars(deployment))
  })

  it('every trade of many symbols is in a bar once, and few bars are put more than twice, whatever worker has a batch', async () => {
    const deployment = await startStrict({ seed: 2, throttled: 0.03 })
    const symbols = Array.from({ length: 100 }, (_, place) => `S${place}`)
    const trades = await feedHistory(deployment, { symbols, minutes: 15 })
    const rows = await readRows(deployment.readOnlyUrl)
    for (const [symbol, count] of trades) {
      const counts = rows.filter((row) => row.symbol === symbol).map((row) => Number(row.trade_count))
      expect([symbol, counts.reduce((sum, each) => sum + each, 0)]).toEqual([symbol, count])
    }
    expectFewPuts(putBars(deployment))
  })
})

/** What a quiet bar may take after the end of its minute on a machine with other work, and no other sweep makes good: the next is a minute later. */
const SECONDS = 40

describe('the bar of a symbol that stops trading', () => {
  it('comes by the first sweep of its minute, at whatever second the schedule fires', async () => {
    const seconds = await Promise.all([20_000, 40_000].map(secondsAfterMinute))
    for (const each of seconds) expect(each).toBeGreaterThan(0)
    expect(Math.max(...seconds)).toBeLessThan(SECONDS)
  })
})

/** How long after its minute a quiet bar comes, where the schedule fires so many milliseconds after each. */
async function secondsAfterMinute(scheduleOffsetMs: number): Promise<number> {
  const deployment = await startStrict({ seed: 3, scheduleOffsetMs, coldStarts: 0 })
  const { runtime } = deployment
  const calls = async () => (await runtime.functions())['tickstock-local-sweeper']?.invocations ?? 0
  // What is up between two calls has its first minute swept by the second.
  await waitFor(async () => (await calls()) > 0, 'the schedule to fire')
  const { symbol, minuteEnd } = await tradeInTime(deployment)
  const bars = () => putBars(deployment).filter((bar) => bar.symbol === symbol)
  await waitFor(() => bars().length > 0, 'the bar')
  return ((bars()[0]?.arrivedAt ?? Infinity) - minuteEnd) / 1000
}

const MINUTE_MS = 60_000

/** Puts a trade, each time of another symbol, until one is applied within its minute: workers that start on a busy machine take long. */
async function tradeInTime(deployment: Deployment): Promise<{ symbol: string; minuteEnd: number }> {
  const { runtime, ticksStream } = deployment
  const kinesis = createKinesisClient(runtime.environment)
  for (let attempt = 1; ; attempt++) {
    const [symbol, now] = [`QUIET${attempt}`, Date.now()]
    const minuteEnd = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS
    const Data = Buffer.from(JSON.stringify({ symbol, price: '10', volume: '1', timestamp: now / 1000 }))
    const Records = [{ PartitionKey: symbol, Data }]
    await kinesis.send(new PutRecordsCommand({ StreamName: ticksStream, Records }))
    await waitFor(() => hasState(deployment, symbol), 'the aggregator to apply the trade')
    if (Date.now() < minuteEnd) return { symbol, minuteEnd }
  }
}

async function hasState({ runtime }: Deployment, symbol: string): Promise<boolean> {
  const dynamodb = new DynamoDBClient(clientOptions('DYNAMODB', runtime.environment))
  const Key = { symbol: { S: symbol } }
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: 'tickstock-local-minute-state', Key, ConsistentRead: true }),
  )
  return Item !== undefined
}
