import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { formOf } from '../../../bin/stage/bars.ts'
import { otherBarColumns } from '../../../bin/stage/other-bar-rows.ts'
import { writeOtherBars } from '../../../bin/stage/write-other-bars.ts'
import { formatOfFile } from '../../../bin/stage/output-file.ts'
import { type Trade, tradesOf } from '../../../functions/domain/trade.ts'
import { OtherBarFold } from '../../../functions/domain/other-bars/other-bar-fold.ts'
import { plain, readArrow, readCsv, readNdjson, readParquet } from '../../functions/api/formats/read-back.ts'
import { kindOf } from '../../support/other-bars.ts'
import { toTrade } from '../../support/trades.ts'

const COLUMNS = otherBarColumns('venue').map(([name, type]) => ({ name, type }))
const FORMATS = ['csv', 'ndjson', 'arrow', 'parquet'] as const

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-other-files-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function tradesFrom(count: number, price = '100.25'): Trade[] {
  return Array.from({ length: count }, (_, index) =>
    toTrade({
      symbol: 'A',
      timestamp: `${1_760_106_720 + index}.00000000${index % 9}`,
      price,
      volume: '1.25',
    }),
  )
}

/** Bars of two symbols, which come in turns. */
function* barsOf(count: number, price?: string) {
  const folds = ['=A', 'B'].map((symbol) => ({ symbol, fold: new OtherBarFold(kindOf('tick:2')) }))
  for (let done = 0; done < count; done += 10)
    for (const { symbol, fold } of folds) {
      const trades = tradesFrom(count, price).slice(done, done + 10)
      yield { symbol, bars: fold.take({ trades: tradesOf(trades), sides: undefined }) }
    }
}

const cells = (count: number) =>
  [...barsOf(count)].flatMap(({ symbol, bars }) =>
    bars.map((bar) =>
      otherBarColumns('venue').map(([, type, cellOf]) => plain(cellOf({ symbol, bar }), type)),
    ),
  )

async function written(format: (typeof FORMATS)[number], count: number) {
  const file = join(folder, `bars.${format}`)
  const form = { format, side: 'venue', formulas: 'raw', numbers: 'number', chunkRows: 7 } as const
  const rows = await writeOtherBars(file, barsOf(count), form)
  return { rows, bytes: readFileSync(file) }
}

describe('bars of any kind in a file', () => {
  it.each([
    ['csv', async (bytes: Buffer) => await readCsv(bytes.toString(), COLUMNS)],
    ['ndjson', async (bytes: Buffer) => readNdjson(bytes.toString(), COLUMNS)],
    ['arrow', async (bytes: Buffer) => readArrow(bytes, COLUMNS)],
    ['parquet', async (bytes: Buffer) => await readParquet(bytes, COLUMNS)],
  ] as const)('as %s have all their digits, in the order in which they came', async (format, read) => {
    const { rows, bytes } = await written(format, 40)
    expect(rows).toBe(40)
    expect(await read(bytes)).toEqual(cells(40))
  })

  it.each(FORMATS)('as %s may be none', async (format) => {
    const { rows, bytes } = await written(format, 0)
    expect(rows).toBe(0)
    if (format === 'parquet') expect(await readParquet(bytes, COLUMNS)).toEqual([])
    if (format === 'arrow') expect(readArrow(bytes, COLUMNS)).toEqual([])
  })

  it('with more digits than a column of decimals has are refused where that has a type, and as text are not', async () => {
    const exact = '1.000000000000000001'
    const file = join(folder, 'digits.parquet')
    const form = { format: 'parquet', side: 'venue', formulas: 'raw' } as const
    await expect(writeOtherBars(file, barsOf(10, exact), { ...form, numbers: 'number' })).rejects.toThrow(
      /notional of =A at 2025-10-10T14:32:00.* is 2\.5000000000000000025, and a decimal column .* --text-numbers/,
    )
    expect(await writeOtherBars(file, barsOf(10, exact), { ...form, numbers: 'string' })).toBe(10)
  })
})

describe('the form of a file', () => {
  it.each([
    [undefined, 'csv'],
    ['bars', 'csv'],
    ['bars.txt', 'csv'],
    ['a.b/bars.PARQUET', 'parquet'],
    ['bars.ndjson', 'ndjson'],
    ['bars.jsonl', 'ndjson'],
    ['bars.arrow', 'arrow'],
  ])('is that of its name: %s is %s', (file, format) => {
    expect(formatOfFile(file)).toBe(format)
    expect(formOf({ side: 'venue', out: file, format: undefined, formulas: undefined }).format).toBe(format)
  })

  it('is what --format says, whatever the name is', () => {
    expect(formOf({ side: 'venue', out: 'bars.csv', format: 'ndjson', textNumbers: true })).toEqual({
      format: 'ndjson',
      side: 'venue',
      formulas: 'quoted',
      numbers: 'string',
    })
  })

  it.each([
    [{ format: 'parquet' }, '--format parquet needs --out FILE: only csv and ndjson are printed'],
    [{ out: 'bars.arrow', formulas: 'raw' }, '--formulas is of CSV, and the bars are written as arrow'],
    [{ out: 'bars.csv', textNumbers: true }, '--text-numbers is not of CSV'],
  ] as const)('with %j is refused', (given, message) => {
    expect(() => formOf({ side: 'venue', ...given })).toThrow(message)
  })
})
