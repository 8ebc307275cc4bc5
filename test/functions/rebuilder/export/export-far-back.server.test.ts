import { afterAll, beforeAll, expect, it } from 'vitest'

import { bar } from '../../bar-writer/bars.ts'
import { exported, type ExportWorld, startExportWorld, ticking } from './export-world.ts'
import { createMemoryBucket } from './memory-bucket.ts'

const SYMBOLS = ['LAST', 'LONG', 'NEAR']

let world: ExportWorld
let asof: number

beforeAll(async () => {
  world = await startExportWorld()
  await world.api.write([
    ...['2003-05-05T15:00:00Z', '2004-05-05T15:00:00Z'].map((timestamp) =>
      bar({ symbol: 'LAST', timestamp }),
    ),
    ...['2005-05-05T15:00:00Z', '2024-05-03T15:00:00Z'].map((timestamp) =>
      bar({ symbol: 'LONG', timestamp }),
    ),
    bar({ symbol: 'NEAR', timestamp: '2024-04-30T15:00:00Z' }),
  ])
  // Days without bars are looked at too, as far as a symbol is known to have any.
  await world.api.server.as('owner', (client) =>
    client.query(`UPDATE symbols SET last_day = '2024-05-03' WHERE symbol = 'LAST'`),
  )
  asof = Date.now()
})
afterAll(() => world.close())

it.each(['all', 'regular'])(
  'an export of %s hours whose gaps stand at a bar of years ago ends, with the same bytes however long that takes to find',
  async (session) => {
    const task = world.taskOf('csv', {
      symbols: SYMBOLS,
      from: '2024-05-01T00:00:00Z',
      to: '2024-05-08T00:00:00Z',
      timeframe: '15Min',
      fill: 'previous',
      session,
      asof,
    })
    const run = async (milliseconds: number) => {
      const bucket = createMemoryBucket()
      const now = asof + 61_000
      const deps = { ...world.depsOf(bucket), now: () => now, databaseNow: async () => now }
      const counts = await exported(ticking(deps, milliseconds), task)
      return { counts, text: bucket.objects.get(task.key)?.toString() }
    }
    const whole = await run(0)
    expect(whole.counts.bars).toBeGreaterThan(300)
    const slow = await run(900)
    expect(slow.counts.calls).toBeGreaterThan(10)
    expect(slow.text).toBe(whole.text)
  },
  60_000,
)
