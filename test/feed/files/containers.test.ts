import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'

import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { barsOfFiles, type BarsOfFiles } from '../../support/bars-of-files.ts'
import { dbnOf } from '../../support/dbn.ts'
import { zipOf } from '../../support/zip.ts'

let folder: string
let spill: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickstock-containers-'))
})
beforeEach(() => {
  spill = mkdtempSync(join(folder, 'spill-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const TEXT = 'symbol,timestamp,price,volume\nA,1760106720.5,10.5,2\nA,1760106721,10.25,1\n'
/** The same, by bzip2. */
const BZIP2 =
  'QlpoOTFBWSZTWatqq4kAACHdgAAQAAVzgCAAOibfICAAVFNAAAYmglT1R6npGnqB6gGjvVKwp3e1HqsxFr0MKkEMi4Yccg7mVIC4VJ6JGk+EOEcYM+LuSKcKEhVtVXEg'
const BAR = 'A 2025-10-10T14:32:00Z 10.5 10.5 10.25 10.25 3 2 1 null'

async function barsOf(name: string, content: string | Uint8Array): Promise<BarsOfFiles> {
  const file = join(folder, name)
  writeFileSync(file, content)
  return await barsOfFiles([file], { folder: spill })
}

describe('packed files', () => {
  it.each<[string, string, Uint8Array, readonly string[]]>([
    ['gzip', 't.csv.gz', gzipSync(TEXT), ['gzip']],
    ['zstd', 't.csv.zst', zstdCompressSync(TEXT), ['zstd']],
    [
      'zstd of several frames',
      't.zst',
      Buffer.concat([zstdCompressSync(TEXT.slice(0, 40)), zstdCompressSync(TEXT.slice(40))]),
      ['zstd'],
    ],
    ['bzip2', 't.csv.bz2', Buffer.from(BZIP2, 'base64'), ['bzip2']],
    ['gzip under the name of text', 't.csv', gzipSync(TEXT), ['gzip']],
    ['zip', 't.zip', zipOf({ 'a/t.csv': TEXT }), ['zip']],
    ['gzip in zip', 't.zip', zipOf({ 't.csv.gz': gzipSync(TEXT) }), ['zip', 'gzip']],
  ])('%s', async (_what, name, content, compression) => {
    const made = await barsOf(name, content)
    expect(made.bars).toEqual([BAR])
    expect(made.tables.map((table) => table.compression)).toEqual([compression])
  })

  it('zip with several files, each by its own name and format', async () => {
    const made = await barsOf(
      't.zip',
      zipOf({
        'B-trades-2025.csv': '1,10,2,20,1760106720000,true\n',
        'trades.csv': TEXT,
        '__MACOSX/._trades.csv': 'rubbish',
      }),
    )
    expect(made.bars).toEqual([BAR, 'B 2025-10-10T14:32:00Z 10 10 10 10 2 1 1 true'])
    expect(made.tables.map(({ label }) => label.split('/').at(-1))).toEqual([
      't.zip: B-trades-2025.csv',
      't.zip: trades.csv',
    ])
  })

  it.each<[string, string, Uint8Array, RegExp]>([
    ['cut gzip', 'c.gz', gzipSync(TEXT).subarray(0, -9), /c\.gz: the gzip data is damaged or cut short/],
    [
      'cut zstd',
      'c.zst',
      zstdCompressSync(TEXT).subarray(0, -9),
      /c\.zst.*: the zstd data is damaged or cut short/,
    ],
    [
      'damaged bzip2',
      'c.bz2',
      Buffer.from(BZIP2, 'base64').fill(0xff, 40, 60),
      /c\.bz2.*: the bzip2 data is damaged or cut short/,
    ],
    [
      'cut bzip2',
      'c.bz2',
      Buffer.from(BZIP2, 'base64').subarray(0, 50),
      /c\.bz2.*: the bzip2 data is damaged or cut short/,
    ],
    [
      'cut zip',
      'c.zip',
      zipOf({ 't.csv': TEXT }).subarray(0, -30),
      /c\.zip: the zip data is damaged or cut short/,
    ],
    [
      'damaged zip',
      'c.zip',
      zipOf({ 't.csv': TEXT }).fill(0xff, 40, 60),
      /c\.zip: t\.csv.*: the zip data is damaged or cut short/,
    ],
    [
      'Excel',
      'c.xlsx',
      zipOf({ '[Content_Types].xml': '', 'xl/workbook.xml': '' }),
      /c\.xlsx is an Excel file: save it as CSV/,
    ],
    [
      'xz',
      'c.csv.xz',
      Buffer.from('fd377a585a000004', 'hex'),
      /c\.csv\.xz is an xz file: decompress it first/,
    ],
    ['Feather', 'c.feather', Buffer.from('ARROW1\0\0'), /c\.feather is an Arrow or Feather file/],
    [
      'a picture',
      'c.png',
      Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      /c\.png is no text: it begins with the bytes 89504e470d0a1a0a/,
    ],
  ])('refuses %s by name', async (_what, name, content, message) => {
    await expect(barsOf(name, content)).rejects.toThrow(message)
  })
})

describe('DBN', () => {
  const day = 1_704_205_800_000_000_000n
  const file = {
    version: 3,
    schema: 4,
    mappings: [
      { symbol: 'ESH4', instrument: 5602, from: 20_240_101, until: 20_240_103 },
      { symbol: 'NQH4', instrument: 750, from: 20_240_102, until: 20_240_103 },
    ],
    trades: [
      { instrument: 5602, nanos: day + 1n, price: 4_745_250_000_000n, size: 1, sequence: 7 },
      { instrument: 750, nanos: day + 2n, price: -1_000_000_001n, size: 2, sequence: 8 },
      { instrument: 5602, nanos: day + 2n, price: 4_745_500_000_000n, size: 2, sequence: 9 },
      { instrument: 5602, nanos: day + 3n, price: 1n, size: 2, sequence: 10, action: 'C' },
      { instrument: 5602, nanos: day + 86_400_000_000_000n, price: 1n, size: 2, sequence: 11 },
    ],
  } as const

  it.each([1, 2, 3] as const)(
    'version %i, with the symbols of its mappings, packed or not',
    async (version) => {
      const content = dbnOf({ ...file, version })
      for (const [name, packed] of [
        ['t.dbn', content],
        ['t.dbn.zst', zstdCompressSync(content)],
      ] as const) {
        const made = await barsOf(name, packed)
        expect(made.bars).toEqual(['ESH4 2024-01-02T14:30:00Z 4745.25 4745.5 4745.25 4745.5 3 2 1 null'])
        expect(made.records[0]).toContain('[1704205800.000000001,4745.250000000,1]')
        expect(made.rejected.map(({ place, reason }) => [place, reason])).toEqual([
          [2, 'bad-price'],
          // The mapping has ended the day before.
          [5, 'bad-row'],
        ])
        expect(made.counts.leftOut).toEqual([['the action C, not T', 1]])
      }
    },
  )

  it('says what else a file of it holds, and where it is cut', async () => {
    await expect(barsOf('bars.dbn', dbnOf({ ...file, schema: 6, trades: [] }))).rejects.toThrow(
      /bars\.dbn is a DBN file of bars \(ohlcv-1m\), not of trades: fetch the schema trades/,
    )
    const content = dbnOf(file)
    await expect(barsOf('cut.dbn', content.subarray(0, -10))).rejects.toThrow(
      /cut\.dbn: the DBN data is cut short, 38 bytes into record 5/,
    )
    await expect(barsOf('head.dbn', content.subarray(0, 60))).rejects.toThrow(/the DBN metadata is cut short/)
    await expect(barsOf('new.dbn', Buffer.from(content).fill(9, 3, 4))).rejects.toThrow(/is DBN version 9/)
  })
})

describe('Parquet', () => {
  it('as DuckDB writes it: decimals, timestamps of nanoseconds, lists, compressed', async () => {
    const file = join(folder, 'duck.parquet')
    const duckdb = await (await DuckDBInstance.create()).connect()
    await duckdb.run(`COPY (
      SELECT 'AAPL' AS symbol, TIMESTAMP_NS '2024-01-02 14:30:00.123456789' AS timestamp,
        123456789012345.123456789012345678::DECIMAL(38, 18) AS price, 0.3::DOUBLE AS size, 7::BIGINT AS id
      UNION ALL SELECT 'AAPL', TIMESTAMP_NS '2024-01-02 14:30:59.999999999', 2.5, 100, 8
      UNION ALL SELECT NULL, TIMESTAMP_NS '2024-01-02 14:30:59.999999999', 2.5, 100, 8
    ) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`)
    const made = await barsOfFiles([file], { folder: spill })
    expect(made.bars).toEqual([
      'AAPL 2024-01-02T14:30:00Z 123456789012345.123456789012345678 123456789012345.123456789012345678 2.5 2.5 100.3 2 1 null',
    ])
    expect(made.records[0]).toContain('[1704205800.123456789,123456789012345.123456789012345678,0.3,7]')
    expect(made.rejected.map(({ place, detail }) => [place, detail])).toEqual([[3, 'empty symbol']])
    await duckdb.run(
      `COPY (SELECT 1.0 AS open, 2.0 AS high, 1.0 AS low, 2.0 AS close) TO '${file}' (FORMAT parquet)`,
    )
    await expect(barsOfFiles([file], { folder: spill })).rejects.toThrow(
      /is a Parquet file of bars, not of trades/,
    )
  })
})

it('names what a table is that has no trades', async () => {
  await expect(barsOf('quotes.csv', 'symbol,time,bid_price,ask_price\nA,1,2,3\n')).rejects.toThrow(
    /quotes\.csv is a CSV file of quotes, not of trades/,
  )
  await expect(barsOf('book.csv', 'symbol,timestamp,bids[0].price,asks[0].price\nA,1,2,3\n')).rejects.toThrow(
    /book\.csv is a CSV file of order books, not of trades/,
  )
})
