import { DataType, tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import type { ColumnType } from '../../../../functions/api/http/table.ts'
import { bar } from '../../bar-writer/bars.ts'
import { writeExampleData } from '../example-data.ts'
import { type ApiHarness, startApi } from '../harness.ts'
import { plain, readArrow, readCsv, readNdjson, readParquet, type Typed } from './read-back.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  await writeExampleData(api)
  await api.write([
    bar({ symbol: '=ES', timestamp: '2025-11-10T17:25:00Z', low: '-0.000000000000000001' }),
    bar({
      symbol: 'TINY',
      timestamp: '2025-11-10T17:26:00Z',
      notional: '0.0000000000000000000000000000001',
    }),
  ])
})
afterAll(() => api.close())

const LISTS = [
  '/v1/bars?symbols=AAPL,MSFT,=ES,NONE',
  '/v1/bars?symbols=AAPL,NVDA&timeframe=5Min&limit=1',
  '/v1/bars/AAPL?sort=desc',
  '/v1/bars/AAPL?end=2020-01-01',
  '/v1/bars/latest?symbols=AAPL,=ES',
  '/v1/bars/AAPL/revisions?',
  '/v1/indicators/AAPL?',
  '/v1/indicators/AAPL?form=wide&names=sma_20,none,rsi_14',
  '/v1/indicators/latest?symbols=AAPL,MSFT',
  '/v1/patterns?',
  '/v1/symbols?limit=2',
  '/v1/movers?',
  '/v1/quality?symbols=AAPL,MSFT',
]

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const

/** The columns of a stream of Arrow. */
function columnsOf(bytes: Uint8Array): Typed[] {
  return tableFromIPC(bytes).schema.fields.map(({ name, type }) => ({ name, type: typeOf(type, name) }))
}

function typeOf(type: DataType, name: string): ColumnType {
  if (DataType.isDecimal(type)) return 'decimal'
  if (DataType.isInt(type)) return 'integer'
  if (DataType.isBool(type)) return 'boolean'
  if (DataType.isDate(type)) return 'day'
  if (DataType.isTimestamp(type)) return 'millisecond'
  return name === 'data' ? 'json' : 'text'
}

describe.each(LISTS)('%s', (target) => {
  const ask = async (format: keyof typeof TYPES) => {
    const answer = await api.get(`${target}&format=${format}&formulas=raw`)
    expect([answer.status, answer.headers['content-type']]).toEqual([200, TYPES[format]])
    return answer
  }

  it('has the same exact values, the same token and an ETag in each format', async () => {
    const [csv, ndjson, arrow, parquet, json] = [
      await ask('csv'),
      await ask('ndjson'),
      await ask('arrow'),
      await ask('parquet'),
      await api.get(`${target}&format=json`),
    ]
    const columns = columnsOf(arrow.bytes)
    const rows = readArrow(arrow.bytes, columns)
    expect(readNdjson(ndjson.body, columns)).toEqual(rows)
    expect(await readParquet(parquet.bytes, columns)).toEqual(rows)
    expect(await readCsv(csv.body, columns)).toEqual(rows)
    for (const { headers } of [csv, ndjson, arrow, parquet]) {
      expect(headers['x-next-page-token']).toBe(json.headers['x-next-page-token'])
      expect(headers['etag']).toMatch(/^W\//)
    }
    expect(rows.length > 0).toBe(!target.includes('2020'))
  })

  it('is the same for the header accept, which the parameter overrules', async () => {
    for (const [format, type] of Object.entries(TYPES)) {
      const [accept = ''] = type.split(';')
      const given = await api.get(target, { accept: `${accept}, application/json;q=0.5` })
      expect(given.headers['content-type']).toBe(type)
      expect(given.body).toBe((await api.get(`${target}&format=${format}`)).body)
      const overruled = await api.get(`${target}&format=json`, { accept })
      expect(overruled.headers['content-type']).toBe('application/json')
    }
  })
})

it('a JSON object a line has what the JSON has', async () => {
  const wanted = z.object({ bars: z.array(z.looseObject({})) })
  const { bars } = wanted.parse((await api.get('/v1/bars/AAPL?numbers=string')).json)
  const { body } = await api.get('/v1/bars/AAPL?numbers=string&format=ndjson')
  const lines = body.split('\n').slice(0, -1)
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
    bars.map((each) => ({ symbol: 'AAPL', source: null, ...each })),
  )
})

describe('a decimal of more than 18 decimals', () => {
  it.each(['arrow', 'parquet'])(
    'is refused as %s, with what to do, and is text where that is asked for',
    async (format) => {
      const refused = await api.get(`/v1/bars/TINY?format=${format}`)
      expect([refused.status, refused.json]).toEqual([
        400,
        expect.objectContaining({
          detail: expect.stringMatching(
            /^numbers is missing; allowed: string, since notional of TINY at 2025-11-10T17:26:00Z is 0\.0{30}1, /,
          ),
        }),
      ])
      expect((await api.get(`/v1/bars/TINY?format=${format}&numbers=string`)).status).toBe(200)
    },
  )

  it.each(['csv', 'ndjson', 'json'])('is all there as %s', async (format) => {
    expect((await api.get(`/v1/bars/TINY?format=${format}`)).body).toContain(`0.${'0'.repeat(30)}1`)
  })
})

it('is offered for lists only, and no other format is known', async () => {
  expect((await api.get('/v1/breadth?format=csv')).json).toMatchObject({
    errors: [{ parameter: 'format', allowed: 'only the parameters tz' }],
  })
  expect((await api.get('/v1/bars/AAPL?format=xml')).json).toMatchObject({
    detail: 'format is "xml"; allowed: one of json, csv, ndjson, arrow, parquet',
  })
  const { headers } = await api.get('/v1/breadth', { accept: 'text/csv' })
  expect(headers['content-type']).toBe('application/json')
})

it('a time in any format is that of the JSON', async () => {
  const { body } = await api.get('/v1/bars/AAPL/revisions?format=csv')
  const arrow = await api.get('/v1/bars/AAPL/revisions?format=arrow')
  const [, line = ''] = body.split('\n')
  const cells = line.split(',')
  const [row = []] = readArrow(arrow.bytes, columnsOf(arrow.bytes))
  expect([cells[1], cells[13]]).toEqual(['2025-11-10T17:26:00Z', '2025-11-10T17:27:00.240Z'])
  expect([row[1], row[13]]).toEqual(
    [cells[1] ?? '', cells[13] ?? ''].map((text) => plain(text, 'millisecond')),
  )
})

it('nothing went wrong inside', () => expect(api.errors).toEqual([]))
