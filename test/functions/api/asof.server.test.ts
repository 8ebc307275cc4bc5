import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { COMMITTED_AFTER_MS } from '../../../functions/api/page/window.ts'
import { type ApiHarness, startApi } from './harness.ts'

let api: ApiHarness

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())

const INSERT = `
  INSERT INTO ohlcv_1min AS stored
    (symbol, timestamp, open, high, low, close, volume, vwap, trade_count, revision, closed_at, written_at)
  VALUES ($1, $2, 1, 1, 1, 1, 1, 1, 1, $3, $2, clock_timestamp() - $4::interval)
  ON CONFLICT (symbol, timestamp) DO UPDATE SET revision = excluded.revision, written_at = excluded.written_at
  WHERE excluded.revision > stored.revision`

const SPAN = 'start=2025-11-10T14:30:00Z&end=2025-11-10T14:40:00Z'

/** What is known at a time, of both symbols. */
async function knownAt(asof: number) {
  const { status, json } = await api.get(`/v1/bars?symbols=A,B&${SPAN}&asof=${new Date(asof).toISOString()}`)
  return { status, json }
}

/** How long before it is visible a row may say that it was written: as long as the role lets a statement take. */
async function longestStatement(): Promise<number> {
  const { rows } = await api.server.as('app_readwrite', (client) =>
    client.query(
      `SELECT extract(epoch FROM current_setting('statement_timeout')::interval)::float8 AS seconds`,
    ),
  )
  return z.tuple([z.object({ seconds: z.number() })]).parse(rows)[0].seconds * 1000
}

const writesArbitrary = fc.array(
  fc.record({
    symbol: fc.constantFrom('A', 'B'),
    minute: fc.nat(3),
    /** The share of the longest time that its statement takes. */
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    /** Looks before it becomes visible. */
    looks: fc.nat(2),
  }),
  { minLength: 5, maxLength: 25 },
)

describe('asof', () => {
  it('is allowed up to a time that no statement of the writer can take', async () => {
    const longest = await longestStatement()
    expect(longest).toBeGreaterThan(0)
    // As much again for clocks that differ.
    expect(COMMITTED_AFTER_MS).toBeGreaterThanOrEqual(2 * longest)
  })

  it('is judged by the clock of the database where ours is ahead, and by ours where that is behind', async () => {
    api.databaseClock = 'its own'
    try {
      const began = Date.now()
      api.now = began + 600_000
      const { status, json } = await knownAt(began)
      expect(status).toBe(400)
      const { errors } = z.object({ errors: z.tuple([z.object({ allowed: z.string() })]) }).parse(json)
      const latest = Date.parse(/^a time up to (\S+),/.exec(errors[0].allowed)?.[1] ?? '')
      expect(latest).toBeGreaterThanOrEqual(began - COMMITTED_AFTER_MS)
      expect(latest).toBeLessThanOrEqual(Date.now() - COMMITTED_AFTER_MS)
      expect(await knownAt(latest)).toMatchObject({ status: 200 })
      api.now = began - 600_000
      expect(await knownAt(latest)).toMatchObject({ status: 400 })
    } finally {
      api.databaseClock = 'as ours'
    }
  })

  it('always gets the same answer, whatever is being written when it is first asked', async () => {
    const longest = await longestStatement()
    let changes = 0
    await fc.assert(
      fc.asyncProperty(writesArbitrary, async (writes) => {
        await api.server.as('app_readwrite', async (client) => {
          await client.query('DELETE FROM ohlcv_1min')
          await client.query('DELETE FROM bar_revisions')
        })
        const seen = new Map<number, unknown>()
        const unsettled = new Map<number, unknown>()
        // One after the other, since they set the clock of the API.
        let looking = Promise.resolve()
        const look = (): Promise<void> => (looking = looking.then(lookOnce))
        const lookOnce = async (): Promise<void> => {
          api.now = Date.now()
          const settled = await knownAt(api.now - COMMITTED_AFTER_MS)
          expect(settled.status).toBe(200)
          seen.set(api.now - COMMITTED_AFTER_MS, settled.json)
          // As if the horizon were nothing.
          const now = api.now
          api.now += COMMITTED_AFTER_MS
          unsettled.set(now, (await knownAt(now)).json)
        }
        let revision = 0
        const write = async (client: { query(text: string, values: unknown[]): Promise<unknown> }) => {
          for (const { symbol, minute, share, looks } of writes) {
            for (let times = 0; times < looks; times++) await look()
            const timestamp = `2025-11-10T14:3${minute}:00Z`
            await client.query(INSERT, [
              symbol,
              timestamp,
              ++revision,
              `${Math.round(share * longest)} milliseconds`,
            ])
          }
        }
        await Promise.all([
          api.server.as('app_readwrite', write),
          api.server.as('app_readwrite', write),
          look(),
        ])
        api.now = Date.now() + 2 * COMMITTED_AFTER_MS
        for (const [asof, json] of seen) expect((await knownAt(asof)).json).toEqual(json)
        for (const [asof, json] of unsettled)
          if (JSON.stringify((await knownAt(asof)).json) !== JSON.stringify(json)) changes++
      }),
      { numRuns: 15 },
    )
    // The writes are such that without the horizon answers do change.
    expect(changes).toBeGreaterThan(0)
  })
})
