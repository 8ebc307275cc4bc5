import { rmSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { duckdbBars, judged } from '../support/duckdb-bars.ts'
import { expectPublishedBars } from '../support/published-bars.ts'
import { RECORDED_SETS, tradesPath } from '../support/trades.ts'
import { preparedData } from './support/data-folder.ts'
import { type Row, readRows, replayInto } from './support/replay-into.ts'

describe.each(RECORDED_SETS)('%s, through the whole stack', (set) => {
  let data: string
  let deployment: Deployment
  let rows: Map<string, Row>

  beforeAll(async () => {
    data = await preparedData()
    deployment = await startDeployment({ data, durability: 'none' })
    await replayInto(deployment, tradesPath(set))
    await deployment.flush()
    rows = new Map(
      (await readRows(deployment.readOnlyUrl)).map((row) => [`${row.symbol} ${row.timestamp}`, row]),
    )
  })

  afterAll(async () => {
    await deployment.stop()
    rmSync(data, { recursive: true, force: true })
  })

  it('gives every published bar, exactly', () => {
    expectPublishedBars(set, [...rows.values()])
  })

  it('agrees with DuckDB on every minute, the vwap to the last digit', async () => {
    const found = [...rows].map(([key, row]) => [key, judged(row)])
    const minutes = [...(await duckdbBars(set))].map(([key, minute]) => [key, judged(minute)])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(minutes))
  })
})
