import { gunzipSync } from 'node:zlib'

import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type ApiHarness, startApi } from './harness.ts'

/** What Lambda takes as a function's result, in bytes. */
const LAMBDA_LIMIT = 6_291_556

const BARS = 60_000

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  await api.server.as('app_readwrite', async (client) => {
    // Digits that do not compress, as those of real prices.
    await client.query(
      `INSERT INTO ohlcv_1min (symbol, timestamp, open, high, low, close, volume, notional, vwap, trade_count, revision, closed_at)
       SELECT 'BULK', minute, price, price + 1, price - 1, price, size, price * size, price, n % 90, 1, minute
       FROM (
         SELECT n, timestamptz '2025-09-01T00:00:00Z' + n * interval '1 minute' AS minute,
           round(('x' || left(md5(n::text), 7))::bit(28)::int / 1000000.0, 4) AS price,
           round(('x' || right(md5(n::text), 7))::bit(28)::int / 1000.0, 2) AS size
         FROM generate_series(0, ${BARS - 1}) AS n
       ) AS made`,
    )
  })
})
afterAll(() => api.close())

const TARGET = '/v1/bars?symbols=BULK&start=2025-09-01&end=2025-11-01&limit=all'

type Page = { readonly rows: number; readonly first: string; readonly encoding: string | undefined }

/** Every page, each as large as Lambda takes. */
async function pagesOf(format: string, headers: Readonly<Record<string, string>>): Promise<Page[]> {
  const pages: Page[] = []
  let token: string | undefined = ''
  while (token !== undefined) {
    const page = token === '' ? '' : `&page_token=${token}`
    const answer = await api.get(`${TARGET}&format=${format}${page}`, headers)
    const { statusCode, headers: sent, body, isBase64Encoded } = { statusCode: answer.status, ...answer }
    expect(statusCode).toBe(200)
    const result = JSON.stringify({ statusCode, headers: sent, body, isBase64Encoded })
    expect(Buffer.byteLength(result)).toBeLessThan(LAMBDA_LIMIT)
    const encoding = sent['content-encoding']
    const bytes = encoding === 'gzip' ? gunzipSync(answer.bytes) : answer.bytes
    pages.push({ ...(await rowsOf(format, bytes)), encoding })
    token = sent['x-next-page-token']
  }
  return pages
}

async function rowsOf(format: string, bytes: Buffer): Promise<{ rows: number; first: string }> {
  if (format === 'arrow') {
    const times = tableFromIPC(bytes).getChild('t')
    return { rows: times?.length ?? 0, first: new Date(Number(times?.get(0))).toISOString() }
  }
  const lines = bytes
    .toString()
    .split('\n')
    .slice(format === 'csv' ? 1 : 0, -1)
  const [first = ''] = /2025-[^"Z]+Z/.exec(lines[0] ?? '') ?? []
  return { rows: lines.length, first: new Date(first).toISOString() }
}

describe.each(['csv', 'ndjson', 'arrow'])('limit=all as %s', (format) => {
  it('is as many bars as Lambda takes, and the pages are together all', async () => {
    const pages = await pagesOf(format, {})
    expect(pages.reduce((sum, { rows }) => sum + rows, 0)).toBe(BARS)
    expect(pages[0]?.rows).toBeGreaterThan(10_000)
    const starts = pages.map(({ first }) => Date.parse(first))
    let at = Date.parse('2025-09-01')
    for (const [index, { rows }] of pages.entries()) {
      expect(starts[index]).toBe(at)
      at += rows * 60_000
    }
  })
})

it.each(['ndjson', 'arrow'])('limit=all as %s is more bars for who takes gzip', async (format) => {
  const [plain, compressed] = [
    await pagesOf(format, {}),
    await pagesOf(format, { 'accept-encoding': 'gzip' }),
  ]
  expect(compressed[0]?.encoding).toBe('gzip')
  expect(compressed[0]?.rows).toBeGreaterThan(1.2 * (plain[0]?.rows ?? 0))
  expect(compressed.reduce((sum, { rows }) => sum + rows, 0)).toBe(BARS)
})

it('as Parquet, 50,000 of them are an answer', async () => {
  const answer = await api.get(`${TARGET}&format=parquet`)
  expect(answer.headers['x-next-page-token']).toMatch(/./)
  const rest = await api.get(`${TARGET}&format=parquet&page_token=${answer.headers['x-next-page-token']}`)
  expect(rest.headers['x-next-page-token']).toBeUndefined()
  expect(answer.bytes.length).toBeGreaterThan(rest.bytes.length)
})

it('nothing went wrong inside', () => expect(api.errors).toEqual([]))
