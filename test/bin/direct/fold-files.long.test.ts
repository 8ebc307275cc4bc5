import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DuckDBInstance } from '@duckdb/node-api'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { BarTable } from '../../../bin/direct/bar-table.ts'
import { foldFiles } from '../../../bin/direct/fold-files.ts'
import type { RejectedRow } from '../../../bin/stage/gather-trades.ts'
import type { ReadOptions } from '../../../feed/files/read-trades.ts'
import { barsOfFiles } from '../../support/bars-of-files.ts'
import { RECORDED_SETS, tradesPath } from '../../support/trades.ts'

const NOW = Date.UTC(2026, 0, 1)
const START = 1_760_106_720
const HEADER = 'symbol,timestamp,price,volume'
let folder: string
let made = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-direct-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(lines: readonly string[], { end = '\n' } = {}): string {
  const file = join(folder, `trades-${made++}.csv`)
  writeFileSync(file, lines.join(end) + end)
  return file
}

/** What a direct fold comes to, told as `barsOfFiles` tells it. */
async function directOf(files: readonly string[], read: ReadOptions = {}) {
  const rejected: RejectedRow[] = []
  const tables: string[] = []
  let readings = 1
  let bars = new BarTable()
  const { counts, refused } = await foldFiles(files, {
    read,
    folder: mkdtempSync(join(folder, 'runs-')),
    allowsNonPositive: () => false,
    now: NOW,
    rules: { latenessSeconds: 120, graceMs: 86_400_000, maxPending: 200 },
    onBars: (symbol, pending) => void bars.take(symbol, pending),
    onTable: ({ label }) => tables.push(label),
    onRejected: (row) => rejected.push(row),
    room: async () => {},
    onSame: () => {},
    onProgress: () => {},
    onSort: () => {
      readings++
      bars = new BarTable()
    },
  })
  const rows = [...bars.rows()]
  return { rows, counts, rejected, refused, tables, readings, totals: bars.counts }
}

/** The bars of a replay through the aggregator, without what the table has not. */
async function expectAsReplayed(files: readonly string[], read: ReadOptions = {}) {
  const direct = await directOf(files, read)
  const replayed = await barsOfFiles(files, { ...read, folder: mkdtempSync(join(folder, 'runs-')), now: NOW })
  const told = direct.rows.map((cells) => cells.toSpliced(7, 1).join(' '))
  expect(told).toEqual(replayed.bars.map((bar) => bar.split(' ').slice(0, -1).join(' ')))
  expect(direct.rejected).toEqual(replayed.rejected)
  expect(direct.tables).toEqual(replayed.tables.map(({ label }) => label))
  const { read: rows, put, duplicates, unnumbered } = replayed.counts
  expect(direct.counts).toMatchObject({ read: rows, put, duplicates, unnumbered })
  expect(direct.counts.rejected).toEqual(replayed.counts.rejected)
  expect(direct.refused).toBe(0)
  expect(direct.totals).toEqual({ bars: direct.rows.length, trades: put })
  return direct
}

describe('a direct fold gives the bars of a replay', () => {
  it.each(RECORDED_SETS)('of %s, in one reading', async (set) => {
    const { readings, counts } = await expectAsReplayed([tradesPath(set)])
    expect(readings).toBe(1)
    expect(counts.put).toBeGreaterThanOrEqual(1000)
  })

  const price = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 99_999 }).map((units) => (units / 100).toFixed(2)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('007.50', '1e2', '-5', '0', '0.00', '', 'x', '12345678901234567890'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('0.123456789012345678', '123456789012345.5', '1.', ' 5', '"7"', '.5'),
    },
  )
  const volume = fc.oneof(
    { weight: 8, arbitrary: fc.nat(500).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('0.00000001', '-1', '', '1e-8', '999999999999999', '3.10') },
  )
  const symbol = fc.constantFrom('A', 'A', 'BRK B', 'Ä/€', ' C', '"D"', 'E\u0007', '', 'A,B')
  const row = fc.record({ symbol, price, volume, id: fc.nat(12), gap: fc.constantFrom(0, 0, 1, 7, 70) })
  const rows = fc.array(row, { minLength: 1, maxLength: 40 })
  /** How far from the order of their time rows may come. */
  const disorder = fc.constantFrom(0, 0, 0, 90)

  it('of any rows, in order or not, good or bad', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        disorder,
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        async (given, most, hasIds, end) => {
          let seconds = START
          const lines = given.map(({ symbol: name, price: at, volume: of, id, gap }, index) => {
            seconds += gap
            const time = `${seconds - ((index * 37) % (most + 1))}.${String((index * 7919) % 1000).padStart(3, '0')}`
            return [name, gap === 0 ? seconds : time, at, of, ...(hasIds ? [id === 0 ? '' : id] : [])].join(
              ',',
            )
          })
          await expectAsReplayed([fileOf([hasIds ? `${HEADER},id` : HEADER, ...lines, ''], { end })])
        },
      ),
      { numRuns: 150 },
    )
  })

  it('of a text that is cut anywhere, also within quotes and characters, and of lines that never end', async () => {
    const long = 'x'.repeat(300_000)
    const file = fileOf([
      `\ufeff${HEADER},note`,
      `A,${START},10,1,"two`,
      `lines"`,
      `A,${START + 1},11,1,${long}`,
      '',
      `A,${START + 2},12,1,ok`,
      `Ä,${START + 2},12,1,"${'é'.repeat(150_000)}"`,
      `A,${START + 3},13,1,"open`,
    ])
    const { counts } = await expectAsReplayed([file])
    expect(counts.put).toBe(2)
  })

  it.each([
    ['milliseconds', 'symbol,time,price,size', (second: number) => `A,${START + second}123,10.5,1`],
    ['nanoseconds', 'symbol,time,price,size', (second: number) => `A,${START + second}123456789,10.5,1`],
    [
      'ISO 8601',
      'symbol;time;price;size',
      (second: number) => `A;${new Date((START + second) * 1000).toISOString()};10.5;1`,
    ],
    [
      'ISO 8601 of a zone',
      'symbol,time,price,size',
      (second: number) => `A,2025-10-10 14:32:${String(second % 60).padStart(2, '0')}+02:00,1,1`,
    ],
  ])('of times in %s', async (_unit, header, lineAt) => {
    const lines = Array.from({ length: 200 }, (_, second) => lineAt(second))
    await expectAsReplayed([fileOf([header, ...lines])])
  })

  it('of ids on a contiguous line, with gaps that are filled in the next minute', async () => {
    const ids = [1, 2, 3, 8, 4, 5, 6, 7, 9, 40, 41, 12, 42]
    const lines = ids.map((id, index) => `${id},10,${index + 1},10,${(START + 10 * index) * 1000},true,true`)
    const file = join(folder, 'BTCUSDT-trades-2025-10-10.csv')
    writeFileSync(file, `${lines.join('\n')}\n`)
    const { readings } = await expectAsReplayed([file])
    expect(readings).toBe(1)
  })

  it('of files in any order, of one with its newest trades first, and of the same content twice', async () => {
    const lines = Array.from({ length: 300 }, (_, index) => `A,${START + index},${10 + (index % 7)},1`)
    const first = fileOf([HEADER, ...lines.slice(0, 200)])
    const same = fileOf([HEADER, ...lines.slice(0, 200)])
    const last = fileOf([HEADER, ...lines.slice(200).toReversed(), `A,${START},bad,1`])
    const { readings, tables } = await expectAsReplayed([last, first, same])
    expect(readings).toBe(2)
    expect(tables).toHaveLength(2)
  })
})

describe('of Parquet', () => {
  async function parquetOf(csv: string, columns: string): Promise<string> {
    const file = join(folder, `trades-${made++}.parquet`)
    const connection = await (await DuckDBInstance.create()).connect()
    try {
      const source = `read_csv('${csv}', all_varchar = true, parallel = false)`
      await connection.run(
        `COPY (SELECT ${columns} FROM ${source}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 5000)`,
      )
    } finally {
      connection.closeSync()
    }
    return file
  }

  it.each([
    [
      'decimals and microseconds',
      'symbol, make_timestamp((timestamp::DOUBLE * 1e6)::BIGINT) AS timestamp, price::DECIMAL(18, 8) AS price, volume::BIGINT AS volume',
    ],
    [
      'doubles and nanoseconds',
      'symbol, make_timestamp_ns((timestamp::DECIMAL(20, 9) * 1000000000)::BIGINT) AS timestamp, price::DOUBLE AS price, volume::DOUBLE AS volume',
    ],
    [
      'integers of milliseconds, an id and what is not used',
      'symbol, (timestamp::DOUBLE * 1000)::BIGINT AS timestamp, price::DOUBLE AS price, volume::INTEGER AS volume, row_number() OVER () AS id, 7 AS other',
    ],
    ['text', 'symbol, timestamp, price, volume'],
    [
      'missing values and prices that are not plain',
      `CASE WHEN volume::INTEGER = 3 THEN NULL ELSE symbol END AS symbol, make_timestamp((timestamp::DOUBLE * 1e6)::BIGINT) AS timestamp, CASE WHEN volume::INTEGER = 2 THEN 0.1::DOUBLE + 0.2::DOUBLE WHEN volume::INTEGER = 4 THEN 0 WHEN volume::INTEGER = 5 THEN NULL ELSE price::DOUBLE END AS price, volume::INTEGER AS volume`,
    ],
  ])('with %s', async (_kind, columns) => {
    const file = await parquetOf(tradesPath('comex-gc-20131007'), columns)
    const { counts } = await expectAsReplayed([file])
    expect(counts.read).toBe(40_192)
  })
})
