import { z } from '@hono/zod-openapi'

import type { Queryable } from '../../shared/postgres/database.ts'
import type { BarCut } from '../bars/timeframes.ts'
import { computeLatest } from '../computed/compute-indicators.ts'
import { areStored, cutParameters, cutsOf } from '../computed/signal-parameters.ts'
import { endpoint, type Sources } from '../endpoint.ts'
import { numbersParameter, symbolsParameter } from '../http/parameters.ts'
import { BadRequestError } from '../http/problem.ts'
import { DAY_MS } from '../http/times.ts'
import { lastDaysOf } from '../market/last-days.ts'
import { FORMS, indicatorParameters, indicatorsSchema } from './indicator-view.ts'
import { HAS_VALUES, indicatorColumns, type IndicatorRow, selectIndicators } from './select-indicators.ts'

/** How far behind the day of a symbol's last bars its indicators are looked for. */
const LOOK_BACK_DAYS = 7

/** Symbols whose indicators are computed: each takes the bars of its warm-up. */
const MOST_COMPUTED = 10

const LATEST = `
  SELECT newest.* FROM unnest($1::text[]) AS wanted (symbol)
  CROSS JOIN LATERAL (
    SELECT ${indicatorColumns('$2::text[]')} FROM indicator_values AS stored
    WHERE symbol = wanted.symbol AND timestamp >= $3 AND timestamp < $4 AND timeframe = '1Min'
      AND ${HAS_VALUES}
    ORDER BY timestamp DESC LIMIT 1
  ) AS newest ORDER BY newest.symbol`

/** The newest indicators of each symbol. */
export const latestIndicators = endpoint({
  path: '/v1/indicators/latest',
  summary: 'Newest indicators',
  description: `The newest indicators of each symbol, from the day of its newest bar and the ${LOOK_BACK_DAYS} days before; symbols without any are left out. Those of another timeframe or session are computed from its bars, of up to ${MOST_COMPUTED} symbols, for the newest bar that is over.`,
  parameters: z.object({
    symbols: symbolsParameter,
    ...indicatorParameters,
    ...cutParameters,
    numbers: numbersParameter,
  }),
  answer: z.object({ indicators: z.record(z.string(), indicatorsSchema) }).openapi('LatestIndicators'),
  lists: 'rows',
  read: async ({ symbols, names, form, numbers, ...cut }, sources) => {
    const { database, indicators } = sources
    const rows = areStored(cut)
      ? await selectLatest(database, symbols, names)
      : await computed(sources, { symbols, names, cutOf: cutsOf(cut, symbols, sources) })
    return {
      json: () => ({
        indicators: Object.fromEntries(rows.map((row) => [row.symbol, FORMS[form].views(row, numbers)])),
      }),
      table: () => FORMS[form].table(rows, names ?? indicators),
      lifetime: 'live',
    }
  },
})

async function computed(
  sources: Sources,
  {
    symbols,
    names,
    cutOf,
  }: {
    readonly symbols: readonly string[]
    readonly names: readonly string[] | undefined
    readonly cutOf: (symbol: string) => BarCut
  },
): Promise<IndicatorRow[]> {
  if (symbols.length > MOST_COMPUTED)
    throw new BadRequestError([
      {
        parameter: 'symbols',
        value: symbols.join(','),
        allowed: `1 to ${MOST_COMPUTED} symbols, where indicators are not those of 1Min and all hours`,
      },
    ])
  const until = sources.now()
  const rows: IndicatorRow[] = []
  for (const symbol of symbols) {
    const row = await computeLatest(sources, { of: { ...cutOf(symbol), symbol }, names, until })
    if (row !== undefined) rows.push(row)
  }
  return rows
}

/** Reads the newest of each symbol, from the partitions that it can be in. */
async function selectLatest(
  database: Queryable,
  symbols: readonly string[],
  names: readonly string[] | undefined,
): Promise<IndicatorRow[]> {
  const found: IndicatorRow[] = []
  for (const { day, symbols: ofDay } of await lastDaysOf(database, symbols)) {
    const [first, end] = [new Date(day - LOOK_BACK_DAYS * DAY_MS), new Date(day + DAY_MS)]
    found.push(...(await selectIndicators(database, LATEST, [ofDay, names ?? null, first, end])))
  }
  return found.toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1))
}
