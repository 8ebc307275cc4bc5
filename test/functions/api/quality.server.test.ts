import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { type QualityDay, qualityDaySchema } from '../../../functions/api/quality/quality-day.ts'
import {
  type Hours,
  hoursOf,
  isOpen,
  parseTradingHours,
} from '../../../functions/shared/runtime/trading-hours.ts'
import { bar } from '../bar-writer/bars.ts'
import { type ApiHarness, NOW, startApi } from './harness.ts'

const DAY = 86_400_000
const MINUTE = 60_000
/** Of the week before the harness's Monday; the clocks of New York changed on the 2nd. */
const FIRST = Date.parse('2025-11-03T00:00:00Z')
const KINDS = {
  off: 'off',
  always: 'always',
  hours: 'America/New_York 09:30-16:00',
  // Monday's begins on Sunday; it pauses for an hour.
  globex: 'CMES',
  several: '{"Q1*":"XNYS","*":"Asia/Tokyo Mon-Fri 09:00-11:30,12:30-15:31; closed 2025-11-06"}',
}
type Kind = keyof typeof KINDS
const HOURS = new Map(Object.entries(KINDS).map(([kind, text]) => [kind, parseTradingHours(text)]))

let open: ApiHarness
let apis: ReadonlyMap<string, ApiHarness>

beforeAll(async () => {
  open = await startApi()
  const all = new Map([['off', open]])
  for (const [kind, tradingHours] of HOURS)
    if (kind !== 'off') all.set(kind, await startApi({ server: open.server, tradingHours }))
  apis = all
})
afterAll(() => open.close())

const answerSchema = z.object({ days: z.array(qualityDaySchema) })

type Written = {
  readonly minute: number
  readonly complete: boolean | null
  readonly revision: number
  readonly trades: number
}

const isoOf = (time: number) => new Date(time).toISOString().replace('.000Z', 'Z')

async function write(symbol: string, bars: readonly Written[]): Promise<void> {
  await open.write(
    bars.map(({ minute, complete, revision, trades }) =>
      bar({ symbol, timestamp: isoOf(minute), complete, revision, trade_count: trades }),
    ),
  )
}

async function daysOf(type: Kind, query: string): Promise<readonly QualityDay[]> {
  const answer = await apis.get(type)?.get(`/v1/quality?${query}`)
  expect(answer?.status).toBe(200)
  return answerSchema.parse(answer?.json).days
}

/** What is to be said of a day, minute by minute. */
function judged(
  symbol: string,
  { day, bars, hours }: { readonly day: number; readonly bars: readonly Written[]; readonly hours: Hours },
): QualityDay | undefined {
  const sorted = bars.toSorted((a, b) => a.minute - b.minute)
  const ofDay = sorted.filter(({ minute }) => minute >= day && minute < day + DAY)
  const has = new Set(sorted.map(({ minute }) => minute))
  const isExpected = (minute: number) => hours.type === 'off' || isOpen(hours, minute)
  const without = { no_trades: 0, trades_lost: 0, unknown: 0 }
  let expected = 0
  let run = 0
  let longest: { minutes: number; from: string } | null = null
  for (let minute = day; minute < Math.min(day + DAY, NOW - 3 * MINUTE); minute += MINUTE) {
    if (isExpected(minute)) expected++
    const before = sorted.findLast((each) => each.minute < minute)
    const after = sorted.find((each) => each.minute > minute)
    const isEdge = before === undefined || after === undefined
    if (!isExpected(minute) || has.has(minute) || (hours.type === 'off' && isEdge)) {
      run = 0
      continue
    }
    run++
    if (run > (longest?.minutes ?? 0)) longest = { minutes: run, from: isoOf(minute - (run - 1) * MINUTE) }
    const flags = [before?.complete ?? null, after?.complete ?? null]
    if (!isEdge && flags.includes(true)) without.no_trades++
    else if (!isEdge && flags.every((flag) => flag === false)) without.trades_lost++
    else without.unknown++
  }
  if (ofDay.length === 0 && longest === null) return undefined
  return {
    symbol,
    day: isoOf(day).slice(0, 10),
    bars: ofDay.length,
    expected_bars: hours.type === 'off' ? null : expected,
    trades: ofDay.reduce((sum, { trades }) => sum + trades, 0),
    incomplete_bars: ofDay.filter(({ complete }) => complete === false).length,
    unknown_bars: ofDay.filter(({ complete }) => complete === null).length,
    corrected_bars: ofDay.filter(({ revision }) => revision > 1).length,
    corrections: ofDay.reduce((sum, { revision }) => sum + revision - 1, 0),
    without_bar: without,
    longest_silence: longest,
  }
}

const barsArbitrary = fc.uniqueArray(
  fc.record({
    // Crowded around the open, a night, a weekend, and anywhere.
    minute: fc
      .oneof(
        fc.integer({ min: 14 * 60, max: 15 * 60 }),
        fc.integer({ min: 20 * 60 + 50, max: 24 * 60 + 10 }),
        fc.integer({ min: 4 * 1440 + 1200, max: 5 * 1440 + 60 }),
        fc.integer({ min: 0, max: 8 * 1440 - 1 }),
      )
      .map((minute) => FIRST + minute * MINUTE)
      .filter((minute) => minute < NOW),
    complete: fc.constantFrom(true, false, null),
    revision: fc.integer({ min: 1, max: 3 }),
    trades: fc.integer({ min: 0, max: 9 }),
  }),
  { selector: ({ minute }) => minute, minLength: 1, maxLength: 60 },
)

describe('/v1/quality', () => {
  it('says of each day what a count of its minutes says, whatever the trading hours', async () => {
    let symbols = 0
    await fc.assert(
      fc.asyncProperty(barsArbitrary, async (bars) => {
        const symbol = `Q${++symbols}`
        await write(symbol, bars)
        for (const kind of ['off', 'always', 'hours', 'globex', 'several'] as const) {
          const hours = hoursOf(HOURS.get(kind) ?? { groups: [] }, symbol)
          const days = Array.from({ length: 6 }, (_, index) => FIRST + (index + 2) * DAY)
          const wanted = days.flatMap((day) => judged(symbol, { day, bars, hours }) ?? [])
          expect(await daysOf(kind, `symbols=${symbol}&start=2025-11-05&end=2025-11-10`)).toEqual(wanted)
        }
      }),
      { numRuns: 25 },
    )
  })

  it('tells a time without trades from trades that were lost', async () => {
    const at = (minute: number, complete: boolean | null): Written => ({
      minute: Date.parse('2025-11-07T15:00:00Z') + minute * MINUTE,
      complete,
      revision: 1,
      trades: 2,
    })
    await write('GAPS', [at(0, true), at(5, true), at(8, false), at(20, false), at(22, null)])
    const [day] = await daysOf('hours', 'symbols=GAPS&start=2025-11-07&end=2025-11-07')
    expect(day).toMatchObject({
      bars: 5,
      expected_bars: 390,
      incomplete_bars: 2,
      // Between 0 and 5, and up to 8, the ids say that there was no trade; between 8 and 20 some are missing.
      without_bar: { no_trades: 4 + 2, trades_lost: 11, unknown: 390 - 5 - 6 - 11 },
    })
  })

  it('has a day with two rows for two symbols as CSV too', async () => {
    const answer = await open.get('/v1/quality?symbols=GAPS,NONE&start=2025-11-07&end=2025-11-07', {
      accept: 'text/csv',
    })
    expect(answer.body).toBe(
      'symbol,day,bars,expected_bars,trades,incomplete_bars,unknown_bars,corrected_bars,corrections,no_trades,trades_lost,unknown,longest_silence,silent_from\n' +
        'GAPS,2025-11-07,5,,10,2,1,0,0,6,11,1,11,2025-11-07T15:09:00Z\n',
    )
  })

  it('is of the last seven days by default', async () => {
    const days = await daysOf('always', 'symbols=NONE')
    expect(days.map(({ day, bars, without_bar }) => [day, bars, without_bar.unknown])).toEqual([
      ...['04', '05', '06', '07', '08', '09'].map((day) => [`2025-11-${day}`, 0, 1440]),
      // Until three minutes before the clock.
      ['2025-11-10', 0, 17 * 60 + 27],
    ])
  })

  it.each([
    ['symbols=A&start=soon', /start is "soon"; allowed: a UTC day such as 2025-11-10/],
    ['symbols=A&start=2025-11-07&end=2025-11-06', /start is "2025-11-07"; allowed: a day not after end/],
    [
      'symbols=A,B&start=2025-01-01&end=2025-11-06',
      /allowed: up to 500 days of all symbols together; these are 620/,
    ],
    ['start=2025-11-07', /symbols is missing/],
    ['symbols=A&from=2025-11-07', /from is "2025-11-07"; allowed: only the parameters symbols, start, end/],
  ])('%s says what is wrong', async (query, says) => {
    const answer = await open.get(`/v1/quality?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.body.replaceAll('\\"', '"')).toMatch(says)
  })
})
