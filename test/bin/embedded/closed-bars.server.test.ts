import { expect, it } from 'vitest'

import { printClosedBars } from '../../../bin/embedded/closed-bars.ts'
import { FigureReader } from '../../../bin/embedded/figures.ts'
import { createBarWriter } from '../../../functions/bar-writer/bar-writer.ts'
import { bar, kinesisEvent } from '../../functions/bar-writer/bars.ts'
import { eventually } from '../../support/eventually.ts'
import { metricLine } from '../../support/metric-line.ts'
import { createDatabase } from '../../support/test-database.ts'

it('prints bars as they are written, and counts the symbols of the database', async () => {
  const database = await createDatabase()
  const connection = database.open('app_readwrite')
  const write = createBarWriter({
    database: connection,
    deadLetters: async () => {},
    now: () => Date.now(),
    log: { error: () => {} },
    measure: () => {},
  })
  const timestamp = `${new Date(Date.now() - 120_000).toISOString().slice(0, 16)}:00Z`
  const put = (...symbols: readonly string[]): Promise<unknown> =>
    write(kinesisEvent(symbols.map((symbol) => JSON.stringify(bar({ symbol, timestamp })))))
  await put('AAPL', 'MSFT')

  const { username, password, host, port, dbname } = database.credentials('app_readonly')
  const url = new URL(`postgresql://${host}:${port}/${dbname}`)
  Object.assign(url, { username, password: encodeURIComponent(password) })
  const figures = new FigureReader()
  const printed: string[] = []
  const screen = {
    width: Infinity,
    status: () => {},
    print: (line: string) => void printed.push(line),
    end: () => {},
  }
  const end = printClosedBars(url.href, { screen, figures })
  await eventually('the symbols to be counted', () => figures.get().symbols === 2)
  await put('NVDA')
  figures.read(metricLine('bar-writer', { BarsWritten: 1 }))
  await eventually('the new symbol to be counted', () => figures.get().symbols === 3)
  expect(printed).toEqual([expect.stringMatching(/^\d\d:\d\dZ {2}3 bars {2}AAPL /)])
  end()
  await connection.end()
  await database.remove()
})
