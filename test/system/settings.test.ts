import { rmSync } from 'node:fs'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Deployment, startDeployment } from '../../bin/embedded/deployment.ts'
import { deployedFlags } from '../../bin/stage/flags.ts'
import { preparedData } from './support/data-folder.ts'
import { feedTicks } from './support/feed-history.ts'
import { readRows } from './support/replay-into.ts'

let data: string
let deployment: Deployment

beforeAll(async () => {
  data = await preparedData()
  deployment = await startDeployment({
    data,
    durability: 'none',
    settings: { websocket: 'off', tickShards: 1 },
  })
})

afterAll(async () => {
  await deployment.stop()
  rmSync(data, { recursive: true, force: true })
})

it('with websocket off there is no broadcaster and no flag for it, and bars come as ever', async () => {
  expect(deployment.webSocketUrl).toBeUndefined()
  expect(Object.keys(await deployment.runtime.functions()).join(' ')).not.toContain('broadcaster')
  expect([...(await deployedFlags('local', deployment.runtime.environment).list()).keys()]).toEqual([
    'aggregation',
    'late-corrections',
    'archive',
    'analytics',
  ])
  await feedTicks(
    deployment,
    [0, 30, 61].map((second) => ({
      symbol: 'AAPL',
      price: '100.5',
      volume: '2',
      timestamp: String(1_760_106_720 + second),
    })),
  )
  const rows = await readRows(deployment.readOnlyUrl)
  expect(rows.map(({ trade_count: trades }) => Number(trades))).toEqual([2, 1])
})
