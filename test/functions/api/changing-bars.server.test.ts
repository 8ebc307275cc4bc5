import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import type { BarRecord } from '../../../functions/shared/streams/records.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

const SPAN = 'start=2025-11-10T14:30:00Z&end=2025-11-10T14:45:00Z'
const MINUTE_MS = 60_000
/** Longer than a bar waits for minutes after the last was written. */
const QUIET_MS = 121_000

let api: ApiHarness

const minute = (symbol: string, time: string, change: Partial<BarRecord> = {}) =>
  bar({ symbol, timestamp: `2025-11-10T${time}:00Z`, notional: '180288', complete: true, ...change })

const barSchema = z.object({ bars: z.array(z.record(z.string(), z.unknown())) })
const revisionsSchema = z.object({ revisions: z.array(z.record(z.string(), z.unknown())) })

async function fiveMinutes(symbol: string, more = '') {
  const { json } = await api.get(`/v1/bars/${symbol}?${SPAN}&timeframe=5Min&numbers=string${more}`)
  return barSchema.parse(json).bars
}

async function revisions(symbol: string, more = '') {
  const { json } = await api.get(`/v1/bars/${symbol}/revisions?${SPAN}&timeframe=5Min&numbers=string${more}`)
  return revisionsSchema.parse(json).revisions
}

const quiet = () => {
  api.now = Date.now() + QUIET_MS
}

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

describe('the vwap of a longer bar', () => {
  it('is that of its trades, not of the rounded vwaps of its minutes', async () => {
    const first = { volume: '100', notional: '0.00000145', vwap: '0.00000001' }
    const last = { volume: '100', notional: '0.0000018', vwap: '0.00000002' }
    const prices = { open: '0.00000001', high: '0.00000002', low: '0.00000001', close: '0.00000002' }
    await api.write([
      ...['14:30', '14:31', '14:32'].map((time) => minute('TINY', time, { ...prices, ...first })),
      ...['14:33', '14:34'].map((time) => minute('TINY', time, { ...prices, ...last })),
    ])
    // 0.0000000159, of the vwaps 0.000000014.
    expect(await fiveMinutes('TINY')).toMatchObject([{ vw: '0.00000002', notional: '0.00000795', v: '500' }])
  })

  it('is that of the vwaps where a minute has no notional, as those of the release before', async () => {
    await api.write([
      minute('OLD', '14:30', { volume: '1', vwap: '1.5', notional: null }),
      minute('OLD', '14:31', { volume: '3', vwap: '2.5', notional: '7.6' }),
    ])
    expect(await fiveMinutes('OLD')).toMatchObject([{ vw: '2.275', notional: null }])
  })

  it('is rounded half up below zero too', async () => {
    const below = { open: '-2', high: '-1', low: '-37.63', close: '-1', volume: '2' }
    await api.write([
      minute('WTI', '14:30', { ...below, notional: '-0.00000001', vwap: '0' }),
      minute('WTI', '14:35', { ...below, notional: '-0.00000003', vwap: '-0.00000001' }),
      minute('WTI', '14:40', { ...below, notional: '-74.1', vwap: '-37.05' }),
    ])
    const vwaps = (await fiveMinutes('WTI')).map(({ vw, l }) => ({ vw, l }))
    expect(vwaps).toEqual(['0', '-0.00000001', '-37.05'].map((vw) => ({ vw, l: '-37.63' })))
  })
})

describe('a longer bar', () => {
  const filled = (symbol: string) =>
    ['14:30', '14:31', '14:32', '14:34', '14:35'].map((time) => minute(symbol, time))

  it('has a revision that a new minute raises, and its states among the revisions', async () => {
    await api.write(filled('LATE'))
    quiet()
    expect(await fiveMinutes('LATE')).toMatchObject([
      { rev: 4, v: '4800', complete: true },
      { rev: 1, v: '1200' },
    ])
    await api.write([minute('LATE', '14:33', { high: '151' })])
    await api.write([minute('LATE', '14:31', { revision: 2, complete: false })])
    expect(await fiveMinutes('LATE')).toMatchObject([
      { rev: 6, v: '6000', h: '151', complete: false },
      { rev: 1, v: '1200' },
    ])
    const found = await revisions('LATE')
    expect(found).toMatchObject([
      { t: '2025-11-10T14:30:00Z', rev: 4, v: '4800', h: '150.3', complete: true },
      { t: '2025-11-10T14:30:00Z', rev: 5, v: '6000', h: '151', complete: true },
      { t: '2025-11-10T14:30:00Z', rev: 6, v: '6000', complete: false },
      { t: '2025-11-10T14:35:00Z', rev: 1, v: '1200', complete: false },
    ])
    for (const { written_at, rev, t } of found.slice(0, 3)) {
      const known = await fiveMinutes('LATE', `&asof=${String(written_at)}`)
      expect(known[0]).toMatchObject({ rev, t })
    }
  })

  it('has its revisions on pages, each once', async () => {
    const whole = await revisions('LATE')
    const rows: unknown[] = []
    for (let token: string | null = ''; token !== null;) {
      const query = `/v1/bars/LATE/revisions?${SPAN}&timeframe=5Min&numbers=string&limit=1`
      const { json } = await api.get(`${query}${token === '' ? '' : `&page_token=${token}`}`)
      rows.push(...revisionsSchema.parse(json).revisions)
      token = z.object({ next_page_token: z.string().nullable() }).parse(json).next_page_token
    }
    expect(rows).toEqual(whole)
  })

  it('is not complete while it is filling', async () => {
    api.now = Date.now()
    await api.write([minute('LIVE', '14:30')])
    await api.write([minute('LIVE', '14:31')])
    expect(await fiveMinutes('LIVE')).toMatchObject([{ rev: 2, complete: false }])
    expect(await revisions('LIVE')).toMatchObject([
      { rev: 1, v: '1200', complete: false },
      { rev: 2, v: '2400', complete: false },
    ])
    await api.write([minute('LIVE', '14:34')])
    expect(await fiveMinutes('LIVE')).toMatchObject([{ rev: 3, complete: true }])
  })

  it('is whole once a later minute is there, or nothing was written for two minutes', async () => {
    api.now = Date.now()
    await api.write([minute('CALM', '14:30'), minute('STILL', '14:30')])
    expect(await fiveMinutes('STILL')).toMatchObject([{ complete: false }])
    await api.write([minute('CALM', '14:36')])
    expect(await fiveMinutes('CALM')).toMatchObject([{ complete: true }, { complete: false }])
    quiet()
    expect(await fiveMinutes('STILL')).toMatchObject([{ complete: true }])
  })

  it('is not complete before its end, however quiet it is', async () => {
    const end = (Math.floor(Date.now() / 86_400_000) + 1) * 86_400_000
    const timestamp = new Date(end - 86_400_000).toISOString().replace('.000Z', 'Z')
    await api.write([bar({ symbol: 'TODAY', timestamp, complete: true })])
    const whole = async (now: number) => {
      api.now = now
      const { json } = await api.get(`/v1/bars/TODAY?timeframe=1Day&start=${timestamp}`)
      return barSchema.parse(json).bars
    }
    expect(await whole(end + MINUTE_MS)).toMatchObject([{ complete: false }])
    expect(await whole(end + QUIET_MS)).toMatchObject([{ complete: true }])
    quiet()
  })

  it.each([
    ['true', 'true', 'true'],
    ['true', 'null', 'null'],
    ['null', 'false', 'false'],
    ['true', 'false', 'false'],
  ])('of minutes that are %s and %s is %s', async (one, other, both) => {
    const symbol = `${one}${other}`
    const [first, last]: unknown[] = [JSON.parse(one), JSON.parse(other)]
    const told = (value: unknown) => z.boolean().nullable().parse(value)
    await api.write([
      minute(symbol, '14:33', { complete: told(first) }),
      minute(symbol, '14:34', { complete: told(last) }),
    ])
    expect(await fiveMinutes(symbol)).toMatchObject([{ complete: JSON.parse(both) as unknown }])
  })
})

describe('prices of 18 decimals and below zero', () => {
  const exact = {
    open: '-0.000000000000000001',
    high: '0.000007012345678901',
    low: '-37.63',
    close: '0.000007012',
    volume: '0.123456789012345678',
    notional: '-0.000000123456789012345678901234567890',
  }

  it.each(['1Min', '5Min'])('come with every digit, in JSON and CSV, of %s', async (timeframe) => {
    await api.write([minute('WEI', '14:30', exact), minute('WEI', '14:35')])
    const url = `/v1/bars/WEI?${SPAN}&timeframe=${timeframe}&limit=1`
    const digits = { ...exact, notional: exact.notional.replace(/0$/, '') }
    expect((await api.get(`${url}&numbers=string`)).json).toMatchObject({
      bars: [{ o: exact.open, h: exact.high, l: exact.low, c: exact.close, v: exact.volume }],
    })
    const { body } = await api.get(url)
    const { body: csv } = await api.get(url, { accept: 'text/csv' })
    for (const text of [exact.open, exact.high, exact.low, exact.close, exact.volume, digits.notional]) {
      expect(body).toContain(`:${text}`)
      expect(csv).toContain(`,${text}`)
    }
  })
})
