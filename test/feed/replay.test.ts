import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TradeFileError } from '../../feed/errors.ts'
import { MAX_LINE_LENGTH, readLines } from '../../feed/read-lines.ts'
import { readTrades, ticksOf } from '../../feed/replay.ts'
import type { ReadProgress, TradeRow } from '../../feed/replay.ts'
import { collect } from './collect.ts'

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
    expect(rows).toEqual([
      {
        type: 'tick',
        line: 2,
        symbol: 'AAPL',
        timestamp: '1760106735.1230',
        price: '150.250',
        volume: '1e-8',
      },
      { type: 'tick', line: 3, symbol: 'X', timestamp: 'abc', price: '-1', volume: ' 5' },
    ])
  })

  it.each([
    ['CRLF line ends', `${HEADER}\r\nA,1,2,3\r\n`],
    ['a byte order mark', `\uFEFF${HEADER}\nA,1,2,3\n`],
    ['no line end at the end', `${HEADER}\nA,1,2,3`],
    ['blank lines', `${HEADER}\n\nA,1,2,3\n\n\r\n`],
  ])('reads a file with %s', async (_what, text) => {
    expect(await read('b.csv', text)).toMatchObject([
      { type: 'tick', symbol: 'A', timestamp: '1', volume: '3' },
    ])
  })

  it('reports bad rows with line, reason and text, and goes on', async () => {
    const long = 'x'.repeat(MAX_LINE_LENGTH + 1)
    const lines = [HEADER, 'A,1,2', 'A,1,2,3,4', ',1,,3', '"A",1,2,3', long, 'A,1,2,3']
    const rows = await read('c.csv', lines.join('\n'))
    const reasons = rows.map((row) =>
      row.type === 'bad-row' ? `${row.line}: ${row.reason}` : `${row.line}: fine`,
    )
    expect(reasons).toEqual([
      '2: wrong number of columns: 3, and the header has 4',
      '3: wrong number of columns: 5, and the header has 4',
      '4: empty symbol, price',
      '5: quotes are not supported',
      '6: line too long, perhaps not a text file',
      '7: fine',
    ])
    expect(rows[2]).toMatchObject({ text: ',1,,3' })
  })

  it('yields nothing for a header without rows', async () => {
    expect(await read('d.csv', `${HEADER}\n`)).toEqual([])
  })

  it('reads gzip, several members in one file too', async () => {
    const content = Buffer.concat([gzipSync(`${HEADER}\nA,1,2,3\n`), gzipSync('B,1,2,3\n')])
    expect(await read('e.csv.gz', content)).toMatchObject([{ symbol: 'A' }, { symbol: 'B', line: 3 }])
  })

  it('tells how many bytes of the file were read', async () => {
    const content = gzipSync(
      `${HEADER}\n${Array.from({ length: 50_000 }, (_, i) => `A,${i},${i % 97},3\n`).join('')}`,
    )
    const progress: ReadProgress[] = []
    const file = await write('f.csv.gz', content)
    const rows = await collect(readTrades(file, { onProgress: (step) => progress.push(step) }))
    expect(rows).toHaveLength(50_000)
    expect(progress.at(-1)).toEqual({ bytesRead: content.length, totalBytes: content.length })
    expect(progress.map(({ bytesRead }) => bytesRead)).toEqual([
      ...new Set(progress.map((step) => step.bytesRead)),
    ])
  })

  it('closes the file when the reader stops early', async () => {
    const file = await write('g.csv.gz', gzipSync(`${HEADER}\n${'A,1,2,3\n'.repeat(100_000)}`))
    for await (const row of readTrades(file)) {
      expect(row.line).toBe(2)
      break
    }
    await rm(file)
  })

  it.each<[string, string, string | Buffer, Partial<TradeFileError>, RegExp]>([
    ['an empty file', 'h.csv', '', { problem: 'empty' }, /h\.csv is empty: its first line has to be/],
    ['an empty file in gzip', 'h.csv.gz', gzipSync(''), { problem: 'empty' }, /h\.csv\.gz is empty/],
    [
      'another header',
      'i.csv',
      'time,price\n1,2\n',
      { problem: 'wrong-header', line: 1 },
      /line 1.*"time,price"/,
    ],
    ['a longer name in the header', 'i.csv', `${HEADER}s\n`, { problem: 'wrong-header' }, /volumes/],
    ['a quoted header', 'i.csv', '"symbol",1\n', { problem: 'wrong-header' }, /Quotes are not supported/],
    [
      'text named .gz',
      'j.csv.gz',
      HEADER,
      { problem: 'not-gzip' },
      /j\.csv\.gz is not gzip.*7379.*take \.gz off/,
    ],
    [
      'a truncated gzip',
      'k.csv.gz',
      gzipSync(`${HEADER}\nA,1,2,3\n`).subarray(0, -6),
      { problem: 'damaged-gzip' },
      /damaged or cut short.*unexpected end of file/,
    ],
    [
      'a damaged gzip',
      'l.csv.gz',
      gzipSync(`${HEADER}\nA,1,2,3\n`).fill(0xff, 12, 20),
      { problem: 'damaged-gzip' },
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

it('ticksOf hands on ticks and reports the other rows', async () => {
  const file = await write('m.csv', `${HEADER}\nA,1,2,3\nbad\nB,1,2,3\n`)
  const bad: number[] = []
  const ticks = await collect(ticksOf(readTrades(file), (row) => bad.push(row.line)))
  expect(ticks.map(({ symbol }) => symbol)).toEqual(['A', 'B'])
  expect(bad).toEqual([3])
})

it('readLines finds the same lines wherever the chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', ',', '"'), maxLength: 8 })),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      async (lines, sizes) => {
        const bytes = Buffer.from([...lines, 'end'].join('\n'))
        const found = await collect(readLines(chunked(bytes, sizes)))
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
  return collect(readTrades(await write(name, content)))
}
