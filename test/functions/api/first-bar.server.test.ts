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

const filled = z.object({ bars: z.array(z.object({ t: z.string() })) })
const previous = z.object({ results: z.array(z.object({ t: z.number() })).default([]) })

describe.each([
  [
    '/v1/bars/OLD?start=2024-01-02T15:00:00Z&end=2024-01-02T15:02:00Z&fill=previous',
    (json: unknown) => filled.parse(json).bars.length,
    3,
  ],
  ['/v2/aggs/ticker/OLD/prev', (json: unknown) => previous.parse(json).results.length, 1],
])('a bar of years ago, which %s needs', (target, countOf, count) => {
  it.each([0, 300, 800, 1500])(
    'is not taken for none, where a look at the clock takes %i ms',
    async (tick) => {
      api.tick = tick
      const { status, json } = await api.get(target)
      api.tick = 0
      expect(status === 503 ? count : countOf(json)).toBe(count)
    },
  )
})
