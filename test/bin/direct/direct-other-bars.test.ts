import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { directOtherBars } from '../../../bin/direct/direct-other-bars.ts'
import { kindOf } from '../../support/other-bars.ts'

const T = 1_760_106_720
/** More than are held in memory. */
const TRADES = 120_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-direct-other-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (out: string, changed: { readonly formulas?: 'raw' } = {}) =>
  directOtherBars([join(folder, 'trades.csv')], {
    bars: { name: 'tick:1', kind: kindOf('tick:1') },
    side: 'venue',
    batch: 10_000,
    out,
    ...changed,
  })

it('writes more bars than are held in memory by symbol, then time, and leaves no file of its own', async () => {
  const trades = Array.from({ length: TRADES }, (_, index) => [`S${index % 3}`, T + index, 10 + (index % 7)])
  const rows = trades.map(([symbol, time, price]) => `${symbol},${time},${price},2`)
  writeFileSync(join(folder, 'trades.csv'), ['symbol,timestamp,price,volume', ...rows, ''].join('\n'))
  const out = join(folder, 'bars.csv')
  expect(await run(out)).toBe(0)
  const [header, ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n')
  expect(header).toMatch(/^symbol,timestamp,last_trade,open/)
  const expected = [0, 1, 2].flatMap((remainder) =>
    trades
      .filter((_, index) => index % 3 === remainder)
      .map(([symbol, time, price]) => {
        const moment = new Date(Number(time) * 1000).toISOString().replace('.000', '')
        return `${symbol},${moment},${price},${price}`
      }),
  )
  const shown = lines.map((line) => {
    const [symbol, time, , open, , , close] = line.split(',')
    return `${symbol},${time},${open},${close}`
  })
  // A difference of megabytes is not printed.
  expect(shown.length).toBe(TRADES)
  expect(shown.findIndex((line, index) => line !== expected[index])).toBe(-1)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`tickstock-replay-${process.pid}-`))).toEqual(
    [],
  )
})

it('refuses --formulas for a file that has no formulas', async () => {
  await expect(run(join(folder, 'bars.parquet'), { formulas: 'raw' })).rejects.toThrow(
    '--formulas is of CSV, and the bars are written as parquet: leave it out',
  )
})
