import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

const T = '2025-11-10T14:30:00Z'
const SPAN = 'start=2025-11-10&end=2025-11-11'
/** Up to so long ago what was known does not change. */
const SETTLED_MS = 60_000

let api: ApiHarness
/** When the first revision was written, when the second, and a moment before all. */
let first: string
let second: string

const rowsSchema = z.array(z.object({ written_at: z.date() }))

beforeAll(async () => {
  api = await startApi()
  await api.write([bar({ timestamp: T, close: '150.21' }), bar({ symbol: 'CALM', timestamp: T })])
  await api.write([bar({ timestamp: T, revision: 2, close: '150.22', volume: '1300' })])
  await api.write([
    bar({ timestamp: T, revision: 3, close: '150.23' }),
    bar({ timestamp: '2025-11-10T14:31:00Z' }),
  ])
  // Redelivered, all of it.
  await api.write([bar({ timestamp: T, close: '150.21' })])
  await api.write([bar({ timestamp: T, revision: 3, close: '150.23' })])
  await api.write([bar({ timestamp: T, revision: 2, close: '150.22' })])
  const { rows } = await api.server.as('app_readonly', (client) =>
    client.query('SELECT written_at FROM bar_revisions ORDER BY revision'),
  )
  const times = rowsSchema.parse(rows).map((row) => row.written_at.toISOString())
  ;[first = '', second = ''] = times
})
afterAll(() => api.close())

describe('GET /v1/bars/{symbol}/revisions', () => {
  it('gives what was corrected and when, once each, whatever was delivered again', async () => {
    const { json } = await api.get(`/v1/bars/AAPL/revisions?${SPAN}`)
    expect(json).toMatchObject({
      symbol: 'AAPL',
      revisions: [
        { t: T, rev: 1, c: 150.21, v: 1200, written_at: first, closed_at: '2025-11-10T17:25:00.123Z' },
        { t: T, rev: 2, c: 150.22, v: 1300, written_at: second },
        { t: T, rev: 3, c: 150.23, written_at: expect.stringMatching(/Z$/) },
      ],
      next_page_token: null,
    })
  })

  it('is empty where nothing was corrected', async () => {
    expect((await api.get(`/v1/bars/CALM/revisions?${SPAN}`)).json).toMatchObject({ revisions: [] })
  })

  it('gives CSV too', async () => {
    const { body } = await api.get(`/v1/bars/AAPL/revisions?${SPAN}&limit=1`, { accept: 'text/csv' })
    expect(body).toBe(
      `symbol,t,o,h,l,c,v,n,vw,rev,notional,complete,source,closed_at,written_at,withdrawn\nAAPL,${T},150.25,150.3,150.2,150.21,1200,12,150.24,1,,,,2025-11-10T17:25:00.123Z,${first},false\n`,
    )
  })
})

describe('asof, to the millisecond that written_at shows,', () => {
  const known = async (asof: string) => {
    const { json } = await api.get(`/v1/bars/AAPL?${SPAN}&asof=${asof}`)
    return z.object({ bars: z.array(z.object({ rev: z.int(), c: z.number() })) }).parse(json).bars
  }

  beforeAll(() => {
    api.now = Date.now() + SETTLED_MS
  })

  it('shows each bar as it was known', async () => {
    expect(await known('2025-11-10T15:00:00Z')).toEqual([])
    expect(await known(new Date(Date.parse(first) - 1).toISOString())).toEqual([])
    expect(await known(first)).toEqual([{ rev: 1, c: 150.21 }])
    expect(await known(second)).toEqual([{ rev: 2, c: 150.22 }])
    expect(await known(new Date(api.now - SETTLED_MS).toISOString())).toEqual([
      { rev: 3, c: 150.23 },
      { rev: 1, c: 150.25 },
    ])
  })

  it('may be up to a minute ago, and a later one is refused with the latest that is allowed', async () => {
    const latest = new Date(api.now - SETTLED_MS).toISOString()
    const later = new Date(api.now - SETTLED_MS + 1).toISOString()
    for (const path of ['/v1/bars/AAPL?', '/v1/bars?symbols=AAPL&', '/v1/bars/AAPL?timeframe=1Hour&'])
      for (const asof of [later, '2199-01-01'])
        expect(await api.get(`${path}${SPAN}&asof=${asof}`)).toMatchObject({
          status: 400,
          json: {
            errors: [
              { parameter: 'asof', allowed: expect.stringContaining(`up to ${latest}, which is 60 s`) },
            ],
          },
        })
  })

  it('is what larger bars are made of too', async () => {
    const { json } = await api.get(`/v1/bars/AAPL?${SPAN}&asof=${first}&timeframe=1Hour`)
    expect(json).toMatchObject({ bars: [{ t: '2025-11-10T14:00:00Z', c: 150.21, n: 12, rev: 1 }] })
  })
})
