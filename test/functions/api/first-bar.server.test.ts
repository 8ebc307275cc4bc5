import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
  await api.write(
    ['2005-01-03T20:59:00Z', '2024-01-03T20:59:00Z'].map((timestamp) => bar({ symbol: 'OLD', timestamp })),
  )
})
afterAll(() => api.close())
beforeEach(() => {
  api.now = Date.parse('2024-01-03T23:00:00Z')
})

const filled = z.object({
  bars: z.array(z.object({ t: z.string() })),
  next_page_token: z.string().nullable(),
})
const previous = z.object({ results: z.array(z.object({ t: z.number() })).default([]) })

const TICKS = [0, 300, 800, 1500]

describe('a bar of years ago', () => {
  it.each(TICKS)('is not taken for none by a gap, where a look at the clock takes %i ms', async (tick) => {
    const target = '/v1/bars/OLD?start=2024-01-02T15:00:00Z&end=2024-01-02T15:02:00Z&fill=previous'
    const bars: unknown[] = []
    api.tick = tick
    for (let token: string | null = ''; token !== null;) {
      const { json } = await api.get(`${target}${token && `&page_token=${token}`}`)
      const page = filled.parse(json)
      bars.push(...page.bars)
      token = page.next_page_token
    }
    api.tick = 0
    expect(bars).toHaveLength(3)
  })

  it.each(TICKS)('is not taken for none by Massive, where a look at the clock takes %i ms', async (tick) => {
    api.tick = tick
    const { status, json } = await api.get('/v2/aggs/ticker/OLD/prev')
    api.tick = 0
    expect(status === 503 ? 1 : previous.parse(json).results.length).toBe(1)
  })
})
