import { rmSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { duckdbBars, judged } from '../support/duckdb-bars.ts'
import { expectPublishedBars } from '../support/published-bars.ts'
import { type RecordedSet, tradesPath } from '../support/trades.ts'
import { preparedData } from './support/data-folder.ts'
import { readRows, replayInto, type Row } from './support/replay-into.ts'
import { readBarRecords, readSignals, signalsOf } from './support/signal-rows.ts'

/** The shortest; recorded.long.test.ts replays all of them. */
const SET: RecordedSet = 'kraken-xbtusdt-20251110'

let data: string
let deployment: Deployment
let flushed: Awaited<ReturnType<Deployment['flush']>>
let rows: readonly Row[]

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({ data, durability: 'none' })
  await replayInto(deployment, tradesPath(SET))
  flushed = await deployment.flush()
  rows = await readRows(deployment.readOnlyUrl)
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

describe('a recorded day, through the whole stack,', () => {
  it('gives every published bar, exactly', () => {
    expectPublishedBars(SET, rows)
  })

  it('agrees with DuckDB on every minute, the vwap to the last digit, and has no other', async () => {
    const minutes = [...(await duckdbBars(SET))].map(([key, minute]) => [key, judged(minute)])
    expect(rows.map((row) => [`${row.symbol} ${row.timestamp}`, judged(row)])).toEqual(minutes)
  })

  it('has the indicators and patterns that its bars come to', async () => {
    expect(flushed).toEqual({ signals: 'complete' })
    const found = await readSignals(deployment.readOnlyUrl)
    expect(found).toEqual(signalsOf(await readBarRecords(deployment.readOnlyUrl)))
    expect(found.patterns.length).toBeGreaterThan(10)
  })
})
