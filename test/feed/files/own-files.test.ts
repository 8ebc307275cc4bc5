import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TradeFileError } from '../../../feed/errors.ts'
import { MAX_LINE_LENGTH, readLines } from '../../../feed/read-lines.ts'
import type { ReadProgress } from '../../../feed/files/read-file.ts'
import { readTrades } from '../../../feed/files/read-trades.ts'
import type { TradeRow } from '../../../feed/files/row-reader.ts'
import { collect } from '../collect.ts'

const HEADER = 'symbol,timestamp,price,volume'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tickstock-replay-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('readTrades', () => {
  it('keeps the text of every field, and tells the line', async () => {
    const rows = await read(
      'a.csv',
      `${HEADER},id,side\nAAPL,1760106735.1230,150.250,1e-8,7,\nX,abc,-1, 5,8,b`,
    )
    expect(rows).toMatchObject([
      {
        type: 'trade',
        place: 2,
        tick: { symbol: 'AAPL', timestamp: '1760106735.1230', price: '150.250', volume: '1e-8', id: '7' },
      },
      { type: 'trade', place: 3, tick: { symbol: 'X', timestamp: 'abc', price: '-1', volume: '5', id: '8' } },
    ])
  })

  it.each([
    ['CRLF line ends', `${HEADER}\r\nA,1,2,3\r\n`],
    ['a byte order mark', `\uFEFF${HEADER}\nA,1,2,3\n`],
    ['no line end at the end', `${HEADER}\nA,1,2,3`],
    ['blank lines', `${HEADER}\n\nA,1,2,3\n\n\r\n`],
  ])('reads a file with %s', async (_what, text) => {
    expect(await read('b.csv', text)).toMatchObject([
      { type: 'trade', tick: { symbol: 'A', timestamp: '1', volume: '3' } },
    ])
  })

  it('reports bad rows with line, reason and text, and goes on', async () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH + 1)
    const lines = [HEADER, 'A,1,2', 'A,1,2,3,4', ',1,,3', '"A"b,1,2,3', long, '"A""B",1,"2",3']
    const rows = await read('c.csv', lines.join('\n'))
    const reasons = rows.map((row) =>
      row.type === 'trade' ? `${row.place}: fine` : `${row.place}: ${row.reason}`,
    )
    expect(reasons).toEqual([
      '2: wrong number of columns: 3, and the header has 4',
      '3: wrong number of columns: 5, and the header has 4',
      '4: empty symbol, price',
      '5: text after a closing quote',
      '6: line too long, perhaps not a text file',
      '7: fine',
    ])
    expect(rows[2]).toMatchObject({ text: ',1,,3' })
    expect(rows[5]).toMatchObject({ tick: { symbol: 'A"B', price: '2' } })
  })

  it('yields nothing for a header without rows', async () => {
    expect(await read('d.csv', `${HEADER}\n`)).toEqual([])
  })

  it('reads gzip, several members in one file too', async () => {
    const content = Buffer.concat([gzipSync(`${HEADER}\nA,1,2,3\n`), gzipSync('B,1,2,3\n')])
    expect(await read('e.csv.gz', content)).toMatchObject([
      { tick: { symbol: 'A' } },
      { tick: { symbol: 'B' }, place: 3 },
    ])
  })

  it('tells how many bytes of the file were read', async () => {
    const content = gzipSync(
      `${HEADER}\n${Array.from({ length: 50_000 }, (_, i) => `A,${i},${i % 97},3\n`).join('')}`,
    )
    const progress: ReadProgress[] = []
    const file = await write('f.csv.gz', content)
    const batches = await collect(readTrades(file, { onProgress: (step) => progress.push(step) }))
    expect(batches.flatMap(({ rows }) => rows)).toHaveLength(50_000)
    expect(progress.at(-1)).toEqual({ bytesRead: content.length, totalBytes: content.length })
    expect(progress.map(({ bytesRead }) => bytesRead)).toEqual([
      ...new Set(progress.map((step) => step.bytesRead)),
    ])
  })

  it('closes the file when the reader stops early', async () => {
    const file = await write('g.csv.gz', gzipSync(`${HEADER}\n${'A,1,2,3\n'.repeat(100_000)}`))
    for await (const { rows } of readTrades(file)) {
      expect(rows[0]?.place).toBe(2)
      break
    }
    await rm(file)
  })

  it.each<[string, string, string | Buffer, Partial<TradeFileError>, RegExp]>([
    ['an empty file', 'h.csv', '', { problem: 'empty' }, /h\.csv is empty: it has no trades/],
    ['an empty file in gzip', 'h.csv.gz', gzipSync(''), { problem: 'empty' }, /h\.csv\.gz is empty/],
    ['blank lines', 'h.csv', '\n\r\n\n', { problem: 'empty' }, /h\.csv is empty/],
    [
      'another header',
      'i.csv',
      'time,price\n1,2\n',
      { problem: 'unknown-format', line: 1 },
      /its columns are "time,price"; it needs columns of symbol, time, price and volume.*--columns/,
    ],
    [
      'rows without a header',
      'i.csv',
      'A,1760106720,1,2\n',
      { problem: 'unknown-format', line: 1 },
      /it has no header, and its first row is "A,1760106720,1,2"; name the columns with --columns symbol,time/,
    ],
    ['no symbol', 'i.csv', 'time,price,size\n1,2,3\n', { problem: 'no-symbol' }, /give it with --symbol/],
    [
      'two columns that may be the time',
      'i.csv',
      'symbol,ts,datetime,price,size\nA,1,1,2,3\n',
      { problem: 'columns' },
      /time may be "ts" or "datetime": name the column with --columns time=NAME/,
    ],
    [
      'text named .gz',
      'j.csv.gz',
      HEADER,
      { problem: 'not-compressed' },
      /j\.csv\.gz is not gzip.*73796d62.*take \.gz off/,
    ],
    ['text named .zip', 'j.zip', HEADER, { problem: 'not-compressed' }, /j\.zip is not zip/],
    [
      'a truncated gzip',
      'k.csv.gz',
      gzipSync(`${HEADER}\nA,1,2,3\n`).subarray(0, -6),
      { problem: 'damaged' },
      /damaged or cut short.*unexpected end of file/,
    ],
    [
      'a damaged gzip',
      'l.csv.gz',
      gzipSync(`${HEADER}\nA,1,2,3\n`).fill(0xff, 12, 20),
      { problem: 'damaged' },
      /l\.csv\.gz.*damaged/,
    ],
  ])('refuses %s', async (_what, name, content, fields, message) => {
    const error = await read(name, content).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TradeFileError)
    expect(error).toMatchObject({ ...fields, file: path.join(folder, name) })
    expect(String(error)).toMatch(message)
  })

  it('refuses a directory and a missing file', async () => {
    await expect(collect(readTrades(folder))).rejects.toMatchObject({ problem: 'not-a-file' })
    await expect(collect(readTrades(path.join(folder, 'nowhere.csv')))).rejects.toMatchObject({
      problem: 'missing',
      message: expect.stringContaining('nowhere.csv does not exist: check the path'),
    })
  })
})

it('readLines finds the same lines wherever the chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', ',', '"'), maxLength: 8 })),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (lines, sizes) => {
        const bytes = Buffer.from([...lines, 'end'].join('\n'))
        const found = (await collect(readLines(chunked(bytes, sizes)))).flat()
        expect(found.map(({ text }) => text)).toEqual([...lines, 'end'])
        expect(found.map(({ number }) => number)).toEqual([...found.keys()].map((index) => index + 1))
      },
    ),
    { numRuns: 40 },
  )
})

async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0
  for (let index = 0; from < bytes.length; index++) {
    const to = from + (sizes[index % sizes.length] ?? 1)
    yield bytes.subarray(from, to)
    from = to
  }
}

async function write(name: string, content: string | Buffer): Promise<string> {
  const file = path.join(folder, name)
  await writeFile(file, content)
  return file
}

async function read(name: string, content: string | Buffer): Promise<TradeRow[]> {
  const batches = await collect(readTrades(await write(name, content)))
  return batches.flatMap(({ rows }) => [...rows])
}
