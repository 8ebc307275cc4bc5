import { rmSync } from 'node:fs'

import { describe, expect, it, onTestFinished } from 'vitest'

import { type Deployment, type DeploymentOptions, startDeployment } from '../../bin/embedded/deployment.ts'
import { expectPublishedBars } from '../support/published-bars.ts'
import { tradesPath } from '../support/trades.ts'
import { preparedData } from './support/data-folder.ts'
import { feedHistory } from './support/feed-history.ts'
import { type PutBar, putBars } from './support/put-bars.ts'
import { readRows, replayInto } from './support/replay-into.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'

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

describe('where functions freeze, start cold, change their shards, may no more than they say and are throttled,', () => {
  it('a recorded day gives every published bar, exactly, its indicators and patterns, and no bar more than twice', async () => {
    const deployment = await startStrict({ seed: 1, coldStarts: 0.05, throttled: 0.03 })
    await replayInto(deployment, tradesPath('kraken-xbtusdt-20251110'))
    expect(await deployment.flush()).toEqual({ signals: 'complete' })
    expectPublishedBars('kraken-xbtusdt-20251110', await readRows(deployment.readOnlyUrl))
    const found = await readSignals(deployment.readOnlyUrl)
    expect(found).toEqual(signalsOf(await readBarRecords(deployment.readOnlyUrl)))
    expect(Math.max(...timesPut(putBars(deployment)))).toBeLessThanOrEqual(2)
  })

  it('every trade of many symbols is in a bar once, and no bar is put more than twice, whatever worker has a batch', async () => {
    const deployment = await startStrict({ seed: 2, throttled: 0.03 })
    const symbols = Array.from({ length: 100 }, (_, place) => `S${place}`)
    const trades = await feedHistory(deployment, { symbols, minutes: 15 })
    const rows = await readRows(deployment.readOnlyUrl)
    for (const [symbol, count] of trades) {
      const counts = rows.filter((row) => row.symbol === symbol).map((row) => Number(row.trade_count))
      expect([symbol, counts.reduce((sum, each) => sum + each, 0)]).toEqual([symbol, count])
    }
    const times = timesPut(putBars(deployment))
    expect(Math.max(...times)).toBeLessThanOrEqual(2)
  })
})
