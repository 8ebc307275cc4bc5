import { afterAll, beforeAll, expect, it } from 'vitest'

import { writeBars } from '../../../functions/bar-writer/write-bars.ts'
import { newestBars } from '../../../functions/rebuilder/newest-bars.ts'
import { createDatabase, type TestDatabase } from '../../support/test-database.ts'
import { bar } from '../bar-writer/bars.ts'

let server: TestDatabase

beforeAll(async () => {
  server = await createDatabase()
  const timestamps = ['2025-11-10T17:24:00Z', '2025-11-10T17:26:00Z', '2025-11-10T17:25:00Z']
  const records = ['AAPL', 'aapl', 'ZTS', 'Ä'].flatMap((symbol, day) =>
    timestamps.map((timestamp) => bar({ symbol, timestamp: timestamp.replace('10T', `${10 + day}T`) })),
  )
  const database = server.open('app_readwrite')
  await writeBars(database, records)
})
afterAll(() => server.remove())

it('answers with the newest bar of each symbol, page by page', async () => {
  const database = server.open('app_readonly')
  const start = (day: number): number => Date.parse(`2025-11-${day}T17:26:00Z`) / 1000
  expect(await newestBars(database, { type: 'newest-bars', after: '' }, 3)).toEqual({
    symbols: [
      ['AAPL', start(10)],
      ['ZTS', start(12)],
      ['aapl', start(11)],
    ],
    next: 'aapl',
  })
  expect(await newestBars(database, { type: 'newest-bars', after: 'aapl' }, 3)).toEqual({
    symbols: [['Ä', start(13)]],
    next: undefined,
  })
})
